package configs

import (
	"encoding/json"
	"log/slog"
	"net/netip"

	"accord/internal/obs"
)

// Config is a valid configuration. It is made by Load or Parse only and does
// not change.
type Config struct {
	home      string
	issuer    string
	listen    string
	opsListen string
	authority string
	economy   string
	name      string
	origin    string
	prefix    string
	operators []json.RawMessage
	approvals int
	archive   Archive
	limits    Limits
	cert      string
	key       SecretRef
	proxies   []netip.Prefix
	level     slog.Level
	format    obs.Format
}

// Archive says where the archive is.
type Archive struct {
	Scheme string // "local" or "mongodb"
	Path   string // absolute or relative to the working directory; of a local archive

	// URI is the connection string of a MongoDB archive without a password;
	// empty where Secret names the place of the whole string.
	URI        string
	Secret     SecretRef
	Password   SecretRef // of the user in URI; none: as the string says
	Unverified bool      // a server that does not tell its write concern default is accepted
}

// Connection returns the connection string of a MongoDB archive, which may hold
// a password.
func (a Archive) Connection() (obs.Secret, error) {
	if a.URI != "" {
		return obs.NewSecret([]byte(a.URI)), nil
	}
	return a.Secret.Resolve()
}

// String returns where the archive is, without any secret.
func (a Archive) String() string {
	switch {
	case a.Scheme == "local":
		return "local:" + a.Path
	case a.URI != "":
		return a.URI
	default:
		return a.Secret.String()
	}
}

// Limits bound the load (reliability.md, row 46). A rate of 0 is no limit.
type Limits struct {
	InFlight     int     // requests served at a time
	PartnerRate  float64 // requests a second of one partner
	PartnerBurst int
	PublicRate   float64 // requests a second of one address without a token
	PublicBurst  int
	MemoryMiB    int // of the heap that the collector works to keep; 0: as much as it takes
}

// TLS says with what the gateway shows who it is.
type TLS struct {
	Cert string    // path of the PEM chain
	Key  SecretRef // PEM key
}

// Home returns the directory of the configuration, which has keys and audit log.
func (c *Config) Home() string { return c.home }

// Issuer returns the URL that names the gateway in what it signs, without a
// slash at its end.
func (c *Config) Issuer() string { return c.issuer }

// Listen returns host and port of the API.
func (c *Config) Listen() string { return c.listen }

// OpsListen returns the loopback host and port of metrics and profiles; "" for
// none.
func (c *Config) OpsListen() string { return c.opsListen }

// Authority returns the partner id of the authority that runs the gateway.
func (c *Config) Authority() string { return c.authority }

// Economy returns its ISO 3166-1 alpha-2 code.
func (c *Config) Economy() string { return c.economy }

// Name returns its name for people.
func (c *Config) Name() string { return c.name }

// Origin returns the origin line of the log's checkpoints.
func (c *Config) Origin() string { return c.origin }

// Prefix returns the URL under which the log is served, without a slash at its
// end.
func (c *Config) Prefix() string { return c.prefix }

// Operators returns the public JWKs of the operators, in the order of the file.
// They are JSON objects without private members; the rest is for signing to
// judge.
func (c *Config) Operators() []json.RawMessage {
	return append([]json.RawMessage(nil), c.operators...)
}

// Approvals returns how many of them must sign a change of the registry.
func (c *Config) Approvals() int { return c.approvals }

// Archive returns where the archive is.
func (c *Config) Archive() Archive { return c.archive }

// Limits returns the bounds of load.
func (c *Config) Limits() Limits { return c.limits }

// TLS returns certificate and key; false when the API is plain HTTP, behind a
// proxy or on this machine.
func (c *Config) TLS() (TLS, bool) { return TLS{Cert: c.cert, Key: c.key}, c.cert != "" }

// Proxies returns the addresses of proxies: what they say of the client, its
// address and its certificate, is believed, and of nobody else.
func (c *Config) Proxies() []netip.Prefix { return append([]netip.Prefix(nil), c.proxies...) }

// LogLevel returns the least level of log lines.
func (c *Config) LogLevel() slog.Level { return c.level }

// LogFormat returns the form of log lines.
func (c *Config) LogFormat() obs.Format { return c.format }
