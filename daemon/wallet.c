/* Tokens by slot and a proxy's password: known for as long as they are here,
 * wiped when they go. */
#include "wallet.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#include "base/text.h"

struct wallet {
	struct secrets *known;
	struct token {
		struct bearer *now;   /* NULL: none */
		struct secret secret; /* its text is that of now */
		struct bearer
			*before; /* the one that it replaced; NULL: none */
	} * tokens;		 /* by slot */
	size_t n_tokens;
	bool some_before; /* of one slot or more */
	/* A proxy's, now and before the last reload: what began before it may
	 * still be answered. */
	struct login {
		char *password; /* NULL: none */
		char *whole;	/* "USER:PASSWORD", as it is sent */
	} logins[2];
};

/* ---- tokens ---- */

static void forget_before(struct wallet *w, struct token *t)
{
	if (t->before)
		secret_forget(w->known, bearer_token(t->before));
	bearer_let_go(t->before);
	t->before = NULL;
}

static void replace(struct wallet *w, struct token *t, struct bearer *now)
{
	forget_before(w, t);
	t->before = t->now;
	w->some_before |= t->before != NULL;
	t->now = now;
	t->secret = now ? secret_of(bearer_token(now))
			: (struct secret){ .text = NULL };
}

void wallet_forget(struct wallet *w, uint32_t slot)
{
	if (slot >= w->n_tokens)
		return;
	replace(w, &w->tokens[slot], NULL);
	forget_before(w, &w->tokens[slot]);
}

void wallet_keep(struct wallet *w, uint32_t slot, const char *token)
{
	if (slot >= w->n_tokens) {
		w->tokens =
			text_realloc(w->tokens, slot + 1, sizeof(*w->tokens));
		while (w->n_tokens <= slot)
			w->tokens[w->n_tokens++] =
				(struct token){ .before = NULL };
	}
	replace(w, &w->tokens[slot], bearer_new(token));
	secret_know(w->known, w->tokens[slot].secret.text);
}

void wallet_settle(struct wallet *w)
{
	for (size_t i = 0; w->some_before && i < w->n_tokens; i++)
		forget_before(w, &w->tokens[i]);
	w->some_before = false;
}

const struct secret *wallet_secret(const struct wallet *w, uint32_t slot)
{
	return wallet_token(w, slot) ? &w->tokens[slot].secret : NULL;
}

struct bearer *wallet_token(const struct wallet *w, uint32_t slot)
{
	return slot < w->n_tokens ? w->tokens[slot].now : NULL;
}

/* ---- a proxy's password ---- */

static void login_forget(struct wallet *w, struct login *l)
{
	secret_forget(w->known, l->password);
	secret_forget(w->known, l->whole);
	text_wipe_free(l->password);
	text_wipe_free(l->whole);
	*l = (struct login){ .password = NULL };
}

/* A proxy may say what it was told, in its page of an error. */
void wallet_login(struct wallet *w, const struct proxy *p)
{
	login_forget(w, &w->logins[1]);
	w->logins[1] = w->logins[0];
	w->logins[0] = (struct login){ .password = NULL };
	if (!p->password)
		return;
	w->logins[0].password = text_dup(p->password);
	w->logins[0].whole = text_printf("%s:%s", p->user, p->password);
	secret_know(w->known, w->logins[0].password);
	secret_know(w->known, w->logins[0].whole);
}

/* ---- life ---- */

struct wallet *wallet_new(struct secrets *known)
{
	struct wallet *w = text_alloc(1, sizeof(*w));

	w->known = known;
	return w;
}

void wallet_free(struct wallet *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->n_tokens; i++)
		wallet_forget(w, (uint32_t)i);
	login_forget(w, &w->logins[0]);
	login_forget(w, &w->logins[1]);
	free(w->tokens);
	free(w);
}
