package configs

// kind is the shape that a key must have in the file.
type kind uint8

const (
	scalar  kind = iota + 1 // one value
	scalars                 // a list of values
	objects                 // a list of mappings
)

// row says of one key what it may be. The value of a scalar, or of each element
// of a list, goes to set; an absent scalar is set to its fallback, if it has
// one. An error of set is shown and must not repeat the value.
type row struct {
	key      string // sections and key, with a slash between
	kind     kind
	required bool
	fallback string
	set      func(d *draft, value string) error
}

// draft is a configuration in the making.
type draft struct {
	Config
	dir string // of the file, from which relative paths start
}

// table is the one list of keys, in the order of the example.
var table = []row{
	{key: "issuer", kind: scalar, required: true, set: setIssuer},
	{key: "listen", kind: scalar, fallback: "127.0.0.1:8080", set: setListen},
	{key: "ops_listen", kind: scalar, set: setOpsListen},
	{key: "authority", kind: scalar, required: true, set: setAuthority},
	{key: "economy", kind: scalar, required: true, set: setEconomy},
	{key: "name", kind: scalar, required: true, set: setName},
	{key: "ledger/origin", kind: scalar, required: true, set: setOrigin},
	{key: "ledger/prefix", kind: scalar, set: setPrefix},
	{key: "operators/keys", kind: objects, required: true, set: addOperator},
	{key: "operators/approvals", kind: scalar, fallback: "1", set: setApprovals},
	{key: "archive", kind: scalar, fallback: "local:archive", set: setArchive},
	{key: "archive_password", kind: scalar, set: setArchivePassword},
	{key: "archive_unverified", kind: scalar, fallback: "false", set: setUnverified},
	{key: "limits/in_flight", kind: scalar, fallback: "1024", set: setInFlight},
	{key: "limits/partner_rate", kind: scalar, fallback: "20000", set: rate(func(l *Limits) *float64 { return &l.PartnerRate })},
	{key: "limits/partner_burst", kind: scalar, fallback: "40000", set: burst(func(l *Limits) *int { return &l.PartnerBurst })},
	{key: "limits/public_rate", kind: scalar, fallback: "50", set: rate(func(l *Limits) *float64 { return &l.PublicRate })},
	{key: "limits/public_burst", kind: scalar, fallback: "200", set: burst(func(l *Limits) *int { return &l.PublicBurst })},
	{key: "limits/memory_mib", kind: scalar, fallback: "160", set: setMemory},
	{key: "tls/cert", kind: scalar, set: setCert},
	{key: "tls/key", kind: scalar, set: setKey},
	{key: "proxies", kind: scalars, set: addProxy},
	{key: "log/level", kind: scalar, fallback: "info", set: setLevel},
	{key: "log/format", kind: scalar, fallback: "text", set: setFormat},
}

// removed are keys of earlier versions with what to do instead.
var removed = map[string]string{
	"home": "is no key any more: the home is the directory of this file, and a relative path of an archive starts there; take the line out, and write archive: local:PATH where the archive is elsewhere",
}

// relation is what must hold between keys that are each valid; it is looked at
// when they are.
type relation struct {
	key    string // at which the fault is shown
	broken func(c *Config) bool
	detail string
}

var relations = []relation{
	{"tls", func(c *Config) bool { return (c.cert == "") != (c.key == SecretRef{}) }, "cert and key must be given together"},
	{"archive_password", func(c *Config) bool { return c.archive.Scheme == "local" && c.archive.Password != SecretRef{} }, "belongs to an archive in MongoDB"},
	{"operators/approvals", func(c *Config) bool { return c.approvals > len(c.operators) }, "more approvals than operators"},
	{"ops_listen", func(c *Config) bool { return c.opsListen != "" && c.opsListen == c.listen && !anyPort(c.listen) }, "must not be the address of the API"},
}

// Keys returns every key of the table, with a slash between section and key.
func Keys() []string {
	keys := make([]string, len(table))
	for i := range table {
		keys[i] = table[i].key
	}
	return keys
}
