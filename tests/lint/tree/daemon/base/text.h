/*
 * text: strings.
 */
#ifndef T_H
#define T_H
int text_len(const char *s);

#endif
