/*
 * unauthorized: what a 401 of Key Vault or Resource Manager asks of the next
 * token: to be of a certain tenant, or to carry certain claims.
 */
#ifndef KEYROTD_AZURE_UNAUTHORIZED_H
#define KEYROTD_AZURE_UNAUTHORIZED_H

#include "azure/call.h"
#include "azure/challenge.h"
#include "azure/problem.h"

/*
 * Fill r->challenge_tenant and r->claims from the challenge, as far as the
 * question's credential may follow it.  A tenant that it may not follow makes
 * p->kind FAULT_DENIED; each case puts its hint into p.  A credential with
 * neither a tenant nor a list of allowed ones follows the challenge; any other
 * only where that names its tenant, or one of the list.
 * Source: Azure/azure-sdk-for-python azure-identity
 * _internal/utils.py (resolve_tenant).
 */
void unauthorized_read(const struct call *call, const struct challenge *c,
		       struct problem *p, struct reply *r);

#endif
