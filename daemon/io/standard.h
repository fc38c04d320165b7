/*
 * standard: descriptors 0, 1 and 2, which a careless parent may have closed.
 */
#ifndef KEYROTD_IO_STANDARD_H
#define KEYROTD_IO_STANDARD_H

/*
 * Put /dev/null where one of the three is closed, so that no file or socket
 * that is opened later takes its number and gets what is meant for a reader.
 * Input comes to be write-only and output read-only: whoever uses one that was
 * closed is told so (EBADF), as before.  To be called first of all.
 */
void standard_open(void);

#endif
