/*
 * source: which service of this host hands out the tokens of a managed
 * identity, told from what the environment says.  Pure: the caller reads the
 * environment, and owns what is in struct source_signs.
 */
#ifndef KEYROTD_AZURE_SOURCE_H
#define KEYROTD_AZURE_SOURCE_H

#include "azure/call.h"

/* Environment variables (NULL: not set), and one file. */
struct source_signs {
	const char *identity_endpoint;	 /* IDENTITY_ENDPOINT */
	const char *identity_header;	 /* IDENTITY_HEADER: a secret */
	const char *identity_thumbprint; /* IDENTITY_SERVER_THUMBPRINT */
	const char *imds_endpoint;	 /* IMDS_ENDPOINT */
	const char *pod_authority;	 /* AZURE_POD_IDENTITY_AUTHORITY_HOST */
	bool arc_agent;			 /* SOURCE_ARC_AGENT is there */
};

#define SOURCE_ARC_AGENT "/opt/azcmagent/bin/himds"

/*
 * Fill the credential's source, unless it is named already, and its endpoint;
 * one that is no managed identity is left alone.  The order is that of MSAL:
 * Service Fabric, App Service, Azure Arc, else the metadata service.
 * Source: AzureAD/microsoft-authentication-library-for-go
 * apps/managedidentity/managedidentity.go (GetSource).
 */
void source_settle(struct credential *c, const struct cloud *cloud,
		   const struct source_signs *signs);

/* False, with a sentence in *why, when the endpoint that the environment gave
 * is no URL that anything can be asked at. */
bool source_check(const struct credential *c, struct fault *why);

/* One sentence for a log: which one was taken, where it is, and why. */
void source_describe(const struct credential *c, const struct cloud *cloud,
		     char *dst, size_t size);

#endif
