/*
 * refusal: what stands in the way of a question that was refused, by name:
 * which right is missing and where, which address a firewall saw, which scope
 * is locked, which policy or deny assignment forbids it.
 *
 * The codes say what it is, the service's words only say more about it: where
 * they are not as expected, the hint by the codes alone (problem_hint) serves.
 * What is taken out of foreign words is bounded, one line, and without quotes.
 * Sources: Azure/azure-sdk-for-net:sdk/keyvault/TROUBLESHOOTING.md; Microsoft,
 * "Common Azure deployment errors", "Lock your resources", "Understand deny
 * assignments", "Resolve errors for request disallowed by policy" and "...
 * disabled subscription", "Authorize access to data in Azure Storage".
 */
#ifndef KEYROTD_AZURE_REFUSAL_H
#define KEYROTD_AZURE_REFUSAL_H

#include "azure/problem.h"

/* Put into p->words, and so into p->hint, what root (the body, or the error of
 * an operation; NULL: none) tells of a refusal that problem_read has read.  p
 * is left as it is when that tells nothing more, or has a hint already. */
void refusal_explain(struct problem *p, const struct call *call,
		     const struct json *root);

#endif
