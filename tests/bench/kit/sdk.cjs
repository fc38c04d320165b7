// What somebody would write in an afternoon: all keys of a vault, and all
// registries of a subscription, by the official SDKs.
//
//	node sdk.cjs VAULT-URL ARM-URL SUBSCRIPTION NUMBER TOKEN
'use strict';

const dns = require('dns');
const { KeyClient } = require('@azure/keyvault-keys');
const { ContainerRegistryManagementClient } =
	require('@azure/arm-containerregistry');

const [vault, arm, subscription, number, token] = process.argv.slice(2);
const AT_ONCE = 50;

// Names below .localhost are this host (RFC 6761), which not each resolver
// knows.
const lookup = dns.lookup;
dns.lookup = (host, ...more) =>
	lookup(host.endsWith('.localhost') ? '127.0.0.1' : host, ...more);

const credential = {
	getToken: async () => ({
		token, expiresOnTimestamp: Date.now() + 86400000 }),
};

async function main() {
	const keys = new KeyClient(vault, credential,
		{ disableChallengeResourceVerification: true });
	const registries = new ContainerRegistryManagementClient(credential,
		subscription, { endpoint: arm });
	let next = 0, enabled = 0, encrypted = 0;

	async function worker() {
		while (next < number) {
			const name = 'k' + String(next++).padStart(6, '0');
			const key = await keys.getKey(name);
			enabled += key.properties.enabled ? 1 : 0;
		}
	}
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	for await (const one of registries.registries.list())
		encrypted += one.encryption?.status === 'enabled' ? 1 : 0;
	if (enabled !== Number(number) || encrypted !== Number(number))
		throw new Error(`${enabled} keys, ${encrypted} registries`);
}

main().catch(problem => {
	console.error(problem);
	process.exit(1);
});
