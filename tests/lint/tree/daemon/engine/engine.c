/* strcpy( system( and popen( as mere words */
static const char *a = "time(0)";
