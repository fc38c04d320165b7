/*
 * environment: what the environment of the process tells of credentials, in
 * the variables that Microsoft's own clients read.
 *
 * Pure: the variables come through the caller's struct config_host.
 */
#ifndef KEYROTD_CONFIG_ENVIRONMENT_H
#define KEYROTD_CONFIG_ENVIRONMENT_H

#include "config/draft.h"

/*
 * Fill in what credentials of workload identity leave out, and make of each
 * of type environment the kind that it stands for, by the order of
 * DefaultAzureCredential without what is for developers: a secret, a
 * certificate, a workload identity, the managed identity of the host.  Which
 * one, and why, is told as a CONFIG_CHOICE.  Where such an application is
 * used and no cloud is configured, AZURE_AUTHORITY_HOST decides on that.
 * Source: Microsoft, "DefaultAzureCredential overview";
 * Azure/azure-sdk-for-cpp environment_credential.cpp.
 */
void environment_apply(struct config_build *b);

#endif
