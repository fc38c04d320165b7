-- Azure as far as a steady watch needs it: Entra ID's tokens by the metadata
-- service, Key Vault's keys, Resource Manager's registries.  All answers are
-- made of numbers, and those of keys are made once and kept.
--
-- Registry I of N is on key I % KEYS, and key K is in vault K % VAULTS.
-- Registries are dealt to subscriptions in runs, so that pages are full.

local M = {}
local world = {
	keys = 10000, registries = 10000, vaults = 1, subscriptions = 10,
	generation = 0, first = 0, created = 1700000000, silent = -1, port = 0,
}
local answers, bodies, moved, counts = {}, {}, {}, {}
local seen = {}		-- connections
local PAGE = 100
local KEPT = 20000	-- registries whose pages are kept: LuaJIT has 2 GB

-- Of 2048 bits, like that of most keys; another one for each.
local modulus = string.rep("sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri", 8)
	:sub(1, 342)

local function version(key, generation)
	return string.format("%08x%08x%08x%08x", key, generation, key * 7, 17)
end

local function vault_host(key)
	return string.format("v%03d.vault.localhost:%d", key % world.vaults,
		world.port)
end

local function key_url(key)
	return string.format("https://%s/keys/k%06d", vault_host(key), key)
end

local function key_answer(key)
	local text = answers[key]
	if not text then
		text = string.format('{"key":{"kid":"%s/%s","kty":"RSA",'
			.. '"key_ops":["encrypt","decrypt","sign","verify",'
			.. '"wrapKey","unwrapKey"],"n":"%06d%s","e":"AQAB"},'
			.. '"attributes":{"enabled":true,"created":%d,'
			.. '"updated":%d,"recoveryLevel":'
			.. '"Recoverable","recoverableDays":90,'
			.. '"exportable":false,"hsmPlatform":"2"},"tags":{}}',
			key_url(key), version(key, world.generation), key, modulus:sub(7),
			world.created, world.created)
		answers[key] = text
	end
	return text
end

local function runs()
	return math.ceil(world.registries / world.subscriptions)
end

local function registry_id(i)
	return string.format("/subscriptions/%08d-0000-4000-8000-000000000000/"
		.. "resourceGroups/bench/providers/"
		.. "Microsoft.ContainerRegistry/registries/bench%06d",
		math.floor(i / runs()), i)
end

local function registry(i)
	local key = i % world.keys
	local uses = version(key, moved[i] or world.first)
	return string.format('{"id":"%s","name":"bench%06d",'
		.. '"type":"Microsoft.ContainerRegistry/registries",'
		.. '"location":"westeurope","tags":{},'
		.. '"sku":{"name":"Premium","tier":"Premium"},'
		.. '"identity":{"type":"userAssigned",'
		.. '"userAssignedIdentities":{"/subscriptions/'
		.. '11111111-2222-3333-4444-555555555555/resourcegroups/bench/'
		.. 'providers/Microsoft.ManagedIdentity/userAssignedIdentities/'
		.. 'reader":{"principalId":'
		.. '"c11e7700-0000-4000-8000-0000000000a2","clientId":'
		.. '"c11e7700-0000-4000-8000-000000000002"}}},'
		.. '"systemData":{"createdBy":"ops@example.org",'
		.. '"createdByType":"User","createdAt":'
		.. '"2026-01-05T08:00:00.0000000+00:00",'
		.. '"lastModifiedBy":"ops@example.org",'
		.. '"lastModifiedByType":"User","lastModifiedAt":'
		.. '"2026-01-05T08:00:00.0000000+00:00"},'
		.. '"properties":{"loginServer":"bench%06d.azurecr.io",'
		.. '"creationDate":"2026-01-05T08:00:00.0000000Z",'
		.. '"provisioningState":"Succeeded","adminUserEnabled":false,'
		.. '"networkRuleSet":{"defaultAction":"Allow","ipRules":[]},'
		.. '"policies":{"quarantinePolicy":{"status":"disabled"},'
		.. '"trustPolicy":{"type":"Notary","status":"disabled"},'
		.. '"retentionPolicy":{"days":7,"lastUpdatedTime":'
		.. '"2026-01-05T08:00:00.0000000+00:00","status":"disabled"},'
		.. '"exportPolicy":{"status":"enabled"}},'
		.. '"encryption":{"status":"enabled","keyVaultProperties":'
		.. '{"keyIdentifier":"%s","versionedKeyIdentifier":"%s/%s",'
		.. '"identity":"c11e7700-0000-4000-8000-000000000002",'
		.. '"keyRotationEnabled":true,"lastKeyRotationTimestamp":'
		.. '"2026-01-05T08:00:00.0000000+00:00"}},'
		.. '"dataEndpointEnabled":false,"dataEndpointHostNames":[],'
		.. '"privateEndpointConnections":[],'
		.. '"publicNetworkAccess":"Enabled",'
		.. '"networkRuleBypassOptions":"AzureServices",'
		.. '"zoneRedundancy":"Disabled"}}',
		registry_id(i), i, i, key_url(key), key_url(key), uses)
end

-- What is asked for, and which connections have come for it.
local function count(what)
	local opened = what == "key" and "opened_by_keys" or "opened_by_others"
	counts[what] = (counts[what] or 0) + 1
	local connection = ngx.var.connection
	if not seen[connection] then
		seen[connection] = true
		counts[opened] = (counts[opened] or 0) + 1
	end
end

local function send(text, status)
	ngx.status = status or 200
	ngx.header["Content-Type"] = "application/json; charset=utf-8"
	ngx.header["Content-Length"] = #text
	ngx.header["x-ms-request-id"] = "5b1ba1a8-4f6e-4e2b-9a55-0d3f3c0e2a11"
	ngx.print(text)
end

local function none()
	count("other")
	send('{"error":{"code":"ResourceNotFound","message":'
		.. '"There is no such thing."}}', 404)
end

-- Who brings no token is told where to get one, as a vault does.
local function challenged()
	if ngx.var.http_authorization then
		return false
	end
	count("challenge")
	ngx.header["WWW-Authenticate"] = string.format(
		'Bearer authorization="https://login.localhost:%d/'
		.. '7d3a5f10-5a6b-4c4e-9d7e-0a1b2c3d4e5f", '
		.. 'resource="https://vault.localhost:%d"',
		world.port, world.port)
	send('{"error":{"code":"Unauthorized","message":'
		.. '"AKV10000: Request is missing a Bearer or PoP token."}}',
		401)
	return true
end

function M.vault()
	if ngx.var.uri:find("/rotationpolicy$") then
		count("policy")
		return send('{"id":"' .. ngx.var.uri .. '","lifetimeActions":'
			.. '[],"attributes":{}}')
	end
	local key = tonumber(ngx.var.uri:match("^/keys/k(%d+)/?$") or
		ngx.var.uri:match("^/keys/k(%d+)/%x+$"))
	if not key then
		return none()
	end
	if challenged() then
		return
	end
	if world.silent >= 0 and key % world.vaults == world.silent then
		count("silent")
		ngx.sleep(3600)
		return
	end
	count("key")
	send(key_answer(key))
end

local function list(subscription)
	local length = runs()
	local from = tonumber(ngx.var.arg_skip or "0")
	local first = subscription * length
	local last = math.min(first + length, world.registries)
	local items, place = {}, subscription .. "/" .. from
	count("page")
	if world.registries > KEPT then
		bodies = {}
	end
	if not bodies[place] then
		for i = first + from, math.min(first + from + PAGE, last) - 1 do
			items[#items + 1] = registry(i)
		end
		local next_link = ""
		if first + from + PAGE < last then
			next_link = string.format(',"nextLink":"https://'
				.. 'management.localhost:%d%s?api-version=%s'
				.. '&skip=%d"', world.port, ngx.var.uri,
				ngx.var["arg_api-version"] or "2023-07-01",
				from + PAGE)
		end
		bodies[place] = '{"value":[' .. table.concat(items, ",") .. ']'
			.. next_link .. '}'
	end
	send(bodies[place])
end

function M.manager()
	local uri = ngx.var.uri:lower()
	local i = tonumber(uri:match("/registries/bench(%d+)$"))
	if i and i < world.registries then
		if ngx.req.get_method() == "PATCH" then
			ngx.req.read_body()
			count("patch")
			moved[i] = world.generation
			bodies = {}
		else
			count("registry")
		end
		return send(registry(i))
	end
	local subscription = tonumber(uri:match("^/subscriptions/(%d+)%-.*"
		.. "/registries/?$"))
	if subscription then
		return list(subscription)
	end
	none()
end

-- A token is opaque to who carries it.
function M.token()
	count("token")
	send('{"access_token":"eyJ' .. string.rep("t", 1200)
		.. '","client_id":"c11e7700-0000-4000-8000-000000000002",'
		.. '"expires_in":"86399","expires_on":"'
		.. (ngx.time() + 86399) .. '","not_before":"' .. ngx.time()
		.. '","resource":"'
		.. ngx.unescape_uri(ngx.var.arg_resource or "")
		.. '","token_type":"Bearer"}')
end

-- The bench itself: sets numbers of the world, and reads what was counted.
function M.admin()
	local args, out = ngx.req.get_uri_args(), {}
	for name, value in pairs(args) do
		counts = {}
		if name ~= "silent" and world[name] ~= tonumber(value) then
			answers, bodies = {}, {}
		end
		world[name] = tonumber(value)
	end
	if args.registries then
		moved, world.first = {}, world.generation
	end
	for name, value in pairs(counts) do
		out[#out + 1] = string.format('"%s":%d', name, value)
	end
	ngx.header["Content-Type"] = "application/json"
	ngx.print("{" .. table.concat(out, ",") .. "}")
end

return M
