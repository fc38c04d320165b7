/* The options of the client. */

int client_usage(void);

int client_usage(void)
{
	return 1;
}

int main(void)
{
	return client_usage();
}
