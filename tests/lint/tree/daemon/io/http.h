/*
 * http: HTTP.
 */
#ifndef H_H
#define H_H
extern int http_state;
int http_get(void);
#endif
