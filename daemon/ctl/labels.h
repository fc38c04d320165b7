/*
 * labels: the shortest names by which registries are told apart, in the forms
 * that resid_means accepts again: NAME where one registry bears it, else
 * GROUP/NAME, else SUBSCRIPTION/GROUP/NAME.
 */
#ifndef KEYROTD_CTL_LABELS_H
#define KEYROTD_CTL_LABELS_H

#include <stddef.h>

/*
 * labels[i] for ids[i], n of each; what is no resource id is its own label.
 * The caller frees each label.
 */
void labels_make(const char *const *ids, char **labels, size_t n);

#endif
