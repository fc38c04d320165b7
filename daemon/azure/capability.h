/*
 * capability: what an application tells Entra ID that it is able to do.
 *
 * With each question for a token it declares "cp1": it understands claims
 * challenges (azure/challenge).  So a service may take a token back at once
 * (continuous access evaluation) and say what the next one has to carry, in
 * place of honouring it until it expires.  A managed identity has no such
 * parameter.  No state.
 */
#ifndef KEYROTD_AZURE_CAPABILITY_H
#define KEYROTD_AZURE_CAPABILITY_H

/*
 * The claims parameter of a question for a token: what a challenge asks for
 * (JSON; NULL: nothing) with the capability added to its access_token.  What
 * has no place for it, or is no JSON, stays as it is.  The caller frees it.
 * Source: Microsoft, "Claims challenges, claims requests and client
 * capabilities" and "Continuous access evaluation for workload identities".
 */
char *capability_claims(const char *challenge);

#endif
