/*
 * Brings the configuration from the disk to the parser: the main file and
 * those of watch.d, where one that cannot be read counts as a mistake; and
 * looks at what the configuration names on this machine.
 */
#include "load.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "azure/assertion.h"
#include "azure/expiry.h"
#include "azure/source.h"
#include "azure/token.h"
#include "base/buf.h"
#include "base/seal.h"
#include "base/text.h"
#include "fit.h"
#include "io/clock.h"
#include "io/store.h"

/* The main file, the folder beside it (a source without text, for what there
 * is to say of it), then the files in there. */
struct files {
	char **paths;
	struct buf *texts;
	struct fault *faults;
	struct config_source *sources;
	size_t n;
};

struct listener {
	config_problem *problem;
	void *arg;
	enum load_for purpose;
};

static void list(const char *path, struct files *fs)
{
	const char *slash = strrchr(path, '/');
	char *folder =
		slash ? text_printf("%.*s/watch.d", (int)(slash - path), path)
		      : text_dup("watch.d");
	char **more = NULL;
	size_t n = 0;
	struct fault f = fault_none();

	store_list_conf(folder, LOAD_FILES_MAX, &more, &n, &f);
	fs->n = n + 2;
	fs->paths = text_alloc(fs->n, sizeof(*fs->paths));
	fs->texts = text_alloc(fs->n, sizeof(*fs->texts));
	fs->faults = text_alloc(fs->n, sizeof(*fs->faults));
	fs->sources = text_alloc(fs->n, sizeof(*fs->sources));
	fs->paths[0] = text_dup(path);
	fs->paths[1] = folder;
	fs->faults[1] = f;
	for (size_t i = 0; i < n; i++)
		fs->paths[i + 2] = more[i];
	free(more);
}

static void free_files(struct files *fs)
{
	for (size_t i = 0; i < fs->n; i++) {
		free(fs->paths[i]);
		buf_wipe(&fs->texts[i]); /* there may be a password in it */
	}
	free(fs->paths);
	free(fs->texts);
	free(fs->faults);
	free(fs->sources);
}

static void read_all(struct files *fs)
{
	for (size_t i = 0; i < fs->n; i++) {
		struct fault *f = &fs->faults[i];

		buf_init(&fs->texts[i], LOAD_FILE_MAX);
		if (i != 1)
			store_read(fs->paths[i], &fs->texts[i], f);
		fs->sources[i] = (struct config_source){
			.name = fs->paths[i],
			.text = buf_str(&fs->texts[i]),
			.len = fs->texts[i].len,
			.fault = f->kind == FAULT_NONE ? NULL : f->text,
		};
	}
}

static void on_problem(enum config_severity severity, const char *line,
		       void *arg)
{
	const struct listener *l = arg;

	l->problem(severity, line, l->arg);
}

/* A person who checks may see less than the daemon will. */
static bool look_at_secret(const struct listener *l, const char *name,
			   enum config_severity *severity, struct fault *why)
{
	bool check = l->purpose == LOAD_TO_CHECK;
	const char *folder = getenv("CREDENTIALS_DIRECTORY");

	if (check && text_prefix(name, "credential:") && folder &&
	    access(folder, X_OK) != 0)
		return true; /* ExecReload= of a service: it sees its own */
	if (check && text_prefix(name, "credential:") && !folder) {
		*severity = CONFIG_NOTE;
		return fault_set(why, FAULT_MISSING, 0,
				 "\"%s\" was not looked for: it is there only "
				 "while the service runs, when its unit has "
				 "LoadCredential=%s:PATH",
				 name, name + strlen("credential:"));
	}
	if (store_check_secret(name, why))
		return true;
	if (check && why->code == EACCES && geteuid() != 0)
		*severity = CONFIG_NOTE;
	return false;
}

static bool look_at_ca(const char *path, struct fault *why)
{
	struct buf text;
	bool ok;

	buf_init(&text, LOAD_FILE_MAX);
	ok = store_read(path, &text, why);
	buf_free(&text);
	return ok;
}

/* Whoever checks sees all users, and does not know what the daemon will see. */
static bool look_at_group(const struct listener *l, const char *name,
			  enum config_severity *severity, struct fault *why)
{
	if (!fit_group(name, why))
		return false;
	if (l->purpose != LOAD_TO_CHECK || !fit_sees_all())
		return true;
	*severity = CONFIG_NOTE;
	return fault_set(
		why, FAULT_MISSING, 0,
		"As keyrotd.service comes (PrivateUsers=yes) the daemon cannot "
		"see who is in the group \"%s\": its unit needs "
		"PrivateUsers=no, by `systemctl edit keyrotd`",
		name);
}

/* The text and, where the credential has one, its passphrase; false when they
 * cannot be read, which is told of the files. */
static bool read_proof(const struct credential *c, struct buf *text,
		       struct buf *passphrase)
{
	struct fault f;

	return store_read_secret(c->secret_file, text, &f) &&
	       (!c->passphrase_file ||
		store_read_secret(c->passphrase_file, passphrase, &f));
}

/* What is in the file: can it be used, and for how long? */
static bool judge_certificate(const struct credential *c, const char *text,
			      const char *passphrase, struct fault *why)
{
	struct assertion_validity v;
	struct fault f;
	char end[EXPIRY_TEXT_MAX], from[32];
	int64_t now = clock_wall_ms();

	if (!assertion_look(text, passphrase, &v, &f))
		return fault_set(why, f.kind, f.code,
				 "The certificate in %s cannot be used: %s",
				 c->secret_file, f.text);
	text_time(from, sizeof(from), v.not_before);
	if (v.not_before > now)
		return fault_set(why, FAULT_DENIED, 0,
				 "The certificate in %s is not valid before %s",
				 c->secret_file, from);
	return !expiry_text(v.not_after, now, end) ||
	       fault_set(why, FAULT_DENIED, 0, "The certificate in %s %s",
			 c->secret_file, end);
}

static bool look_at_certificate(const struct credential *c, struct fault *why)
{
	struct buf text, passphrase;
	bool ok = true;

	buf_init(&text, STORE_SECRET_MAX);
	buf_init(&passphrase, STORE_SECRET_MAX);
	if (read_proof(c, &text, &passphrase))
		ok = judge_certificate(
			c, buf_str(&text),
			c->passphrase_file ? buf_str(&passphrase) : NULL, why);
	buf_wipe(&text);
	buf_wipe(&passphrase);
	return ok;
}

/* Kubernetes lets the whole container read it, and it lives for an hour. */
static bool look_at_token(const struct credential *c,
			  enum config_severity *severity, struct fault *why)
{
	struct token_proof proof = { .now_ms = clock_wall_ms() };
	struct buf text, token;
	struct fault f;
	int64_t end;
	bool ok;

	buf_init(&text, STORE_SECRET_MAX);
	buf_init(&token, STORE_SECRET_MAX);
	ok = store_read_secret(c->secret_file, &text, why);
	if (!ok && why->code == EACCES && geteuid() != 0)
		*severity = CONFIG_NOTE;
	proof.text = buf_str(&text);
	if (ok && !token_prove(NULL, c, &proof, &token, &end, &f))
		ok = fault_set(why, f.kind, f.code,
			       "The federated token in %s cannot be used: %s",
			       c->secret_file, f.text);
	buf_wipe(&text);
	buf_wipe(&token);
	return ok;
}

/* Can it sign?  That it cannot be read is told of the file. */
static bool look_at_sign_key(const char *name, struct fault *why)
{
	char signature[SEAL_SIGNATURE_MAX], id[SEAL_HEX_MAX];
	struct fault f;
	struct buf pem;
	bool ok;

	buf_init(&pem, STORE_SECRET_MAX);
	ok = !store_read_secret(name, &pem, &f) ||
	     seal_sign(buf_str(&pem), "", signature, id, &f) ||
	     fault_set(why, f.kind, f.code,
		       "The key in %s cannot sign the audit: %s", name, f.text);
	buf_wipe(&pem);
	return ok;
}

static const char *variable(const char *name, void *arg)
{
	(void)arg;
	return getenv(name);
}

static bool look(enum config_thing thing, const char *name,
		 const struct credential *credential,
		 enum config_severity *severity, struct fault *why, void *arg)
{
	switch (thing) {
	case CONFIG_CERTIFICATE:
		return look_at_certificate(credential, why);
	case CONFIG_TOKEN_FILE:
		return look_at_token(credential, severity, why);
	case CONFIG_FILE:
		return store_check_open(name, why);
	case CONFIG_CA_FILE:
		return look_at_ca(name, why);
	case CONFIG_PASSWORD:
		return store_check_closed(name, why);
	case CONFIG_PROGRAM:
		return store_check_program(name, why);
	case CONFIG_SIGN_KEY:
		return look_at_sign_key(name, why);
	case CONFIG_SECRET_FILE:
		return look_at_secret(arg, name, severity, why);
	default:
		return look_at_group(arg, name, severity, why);
	}
}

/* Which service of this host hands out tokens: the environment tells.  False
 * when it tells of none that can be asked. */
static bool settle_identities(struct config *c, const char *path,
			      const struct listener *l)
{
	struct source_signs signs = {
		.identity_endpoint = getenv("IDENTITY_ENDPOINT"),
		.identity_header = getenv("IDENTITY_HEADER"),
		.identity_thumbprint = getenv("IDENTITY_SERVER_THUMBPRINT"),
		.imds_endpoint = getenv("IMDS_ENDPOINT"),
		.pod_authority = getenv("AZURE_POD_IDENTITY_AUTHORITY_HOST"),
		.arc_agent = access(SOURCE_ARC_AGENT, F_OK) == 0,
	};

	struct fault why = fault_none();
	bool ok = true;

	for (size_t i = 0; i < c->n_credentials; i++) {
		char *line;

		source_settle(&c->credentials[i], &c->cloud, &signs);
		if (source_check(&c->credentials[i], &why))
			continue;
		ok = false;
		line = text_printf("%s:0: %s", path, why.text);
		l->problem(CONFIG_MISTAKE, line, l->arg);
		free(line);
	}
	return ok;
}

static void tell_files(const struct files *fs, load_file *file, void *arg)
{
	for (size_t i = 0; file && i < fs->n; i++)
		if (i != 1 && !fs->sources[i].fault)
			file(fs->paths[i], fs->sources[i].text,
			     fs->sources[i].len, arg);
}

struct config *load_config_told(const char *path, enum load_for purpose,
				config_problem *problem, void *arg,
				load_file *file, void *file_arg)
{
	static const struct config_host host = { look, variable };
	struct listener l = { problem, arg, purpose };
	struct files fs = { 0 };
	struct config *c;

	list(path, &fs);
	read_all(&fs);
	tell_files(&fs, file, file_arg);
	c = config_parse(fs.sources, fs.n, on_problem, &host, &l);
	free_files(&fs);
	if (c && !settle_identities(c, path, &l)) {
		config_free(c);
		return NULL;
	}
	return c;
}

uint64_t load_stamp(const char *path)
{
	uint64_t h = UINT64_C(0xcbf29ce484222325); /* as FNV-1a does */
	struct files fs = { 0 };

	list(path, &fs);
	for (size_t i = 0; i < fs.n; i++) {
		h = (h ^ text_hash(fs.paths[i])) * UINT64_C(0x100000001b3);
		if (i != 1)
			h = (h ^ store_stamp(fs.paths[i])) *
			    UINT64_C(0x100000001b3);
	}
	free_files(&fs);
	return h;
}

struct config *load_config(const char *path, enum load_for purpose,
			   config_problem *problem, void *arg)
{
	return load_config_told(path, purpose, problem, arg, NULL, NULL);
}
