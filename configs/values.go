package configs

import (
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"accord/internal/obs"
)

func setIssuer(d *draft, v string) (err error) {
	d.issuer, err = baseURL(v)
	return err
}

func setPrefix(d *draft, v string) (err error) {
	d.prefix, err = baseURL(v)
	return err
}

// baseURL holds that v is a URL to which paths can be added: https, or http to
// this machine.
func baseURL(v string) (string, error) {
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Host == "" || u.Hostname() == "":
		return "", errors.New("must be a URL with a host")
	case u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())):
		return "", errors.New("must be https; http only to a loopback address")
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(v, "#"):
		return "", errors.New("must be a URL without user, query and fragment")
	case strings.HasSuffix(v, "/"):
		return "", errors.New("must not end with a slash")
	}
	return v, nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

func setListen(d *draft, v string) error {
	if _, err := hostPort(v); err != nil {
		return err
	}
	d.listen = v
	return nil
}

func setOpsListen(d *draft, v string) error {
	host, err := hostPort(v)
	if err != nil {
		return err
	}
	// api.md: metrics and profiles have their own loopback listener.
	if !isLoopback(host) {
		return errors.New("must be a loopback address")
	}
	d.opsListen = v
	return nil
}

func hostPort(v string) (host string, err error) {
	host, port, err := net.SplitHostPort(v)
	if err != nil {
		return "", errors.New("must be HOST:PORT")
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return "", errors.New("must have a port of 0 to 65535")
	}
	return host, nil
}

// anyPort says that the system chooses the port: two such addresses differ.
func anyPort(v string) bool {
	_, port, err := net.SplitHostPort(v)
	n, parsed := strconv.ParseUint(port, 10, 16)
	return err == nil && parsed == nil && n == 0
}

var partnerID = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,62}$`)

func setAuthority(d *draft, v string) error {
	if !partnerID.MatchString(v) {
		return errors.New("must be a partner id: 2 to 63 of a-z, 0-9 and '-', not '-' first")
	}
	d.authority = v
	return nil
}

var economyCode = regexp.MustCompile(`^[A-Z]{2}$`)

func setEconomy(d *draft, v string) error {
	if !economyCode.MatchString(v) {
		return errors.New("must be an ISO 3166-1 alpha-2 code")
	}
	d.economy = v
	return nil
}

// maxName is enough for the name of any authority in two languages.
const maxName = 200

func setName(d *draft, v string) error {
	if strings.TrimSpace(v) == "" || len(v) > maxName || !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return r < ' ' || r == 0x7F }) {
		return errors.New("must be a line of 1 to 200 bytes")
	}
	d.name = v
	return nil
}

var logOrigin = regexp.MustCompile(`^[A-Za-z0-9.\-\[\]:]+(/[A-Za-z0-9._~\-]+)*$`)

// setOrigin: an origin is a URL without a scheme (C2SP tlog-checkpoint); it
// stands in a signed note and must be free of white space and plus signs.
func setOrigin(d *draft, v string) error {
	if len(v) > maxName || !logOrigin.MatchString(v) {
		return errors.New("must be a host and path without a scheme, such as gateway.example/v1/ledger")
	}
	d.origin = v
	return nil
}

// privateMembers are those of a JWK that must never leave its owner (RFC 7518,
// section 6; RFC 8037, section 2).
var privateMembers = []string{"d", "p", "q", "dp", "dq", "qi", "oth", "k"}

func addOperator(d *draft, v string) error {
	var jwk map[string]json.RawMessage
	if err := json.Unmarshal([]byte(v), &jwk); err != nil || jwk["kty"] == nil {
		return errors.New("must be a JWK")
	}
	for _, name := range privateMembers {
		if jwk[name] != nil {
			return errors.New("must be a public key; this one is private and must be replaced")
		}
	}
	d.operators = append(d.operators, json.RawMessage(v))
	return nil
}

func setApprovals(d *draft, v string) (err error) {
	d.approvals, err = atLeast(1, v)
	return err
}

func setArchive(d *draft, v string) error {
	scheme, rest, _ := strings.Cut(v, ":")
	switch {
	case scheme == "local" && rest != "":
		d.archive.Scheme, d.archive.Path = "local", filepath.Clean(rest)
		return nil
	case (scheme == "mongodb" || scheme == "mongodb+srv") && strings.HasPrefix(rest, "//"):
		// Several hosts are no URL of net/url; the user stands before the last @.
		authority, _, _ := strings.Cut(rest[len("//"):], "/")
		if at := strings.LastIndexByte(authority, '@'); at >= 0 && strings.Contains(authority[:at], ":") {
			return errors.New("must not hold a password: give it as archive_password (--archive-password), or the whole string as file:PATH or env:NAME")
		}
		d.archive.Scheme, d.archive.URI = "mongodb", v
		return nil
	}
	secret, err := parseSecret(v, d.dir)
	if err != nil {
		return errors.New("must be local:PATH, mongodb://HOSTS/DATABASE without a password, or file:PATH or env:NAME of such a string")
	}
	d.archive.Scheme, d.archive.Secret = "mongodb", secret
	return nil
}

func setArchivePassword(d *draft, v string) (err error) {
	d.archive.Password, err = parseSecret(v, d.dir)
	return err
}

func setUnverified(d *draft, v string) error {
	if v != "true" && v != "false" {
		return errors.New("must be true or false")
	}
	d.archive.Unverified = v == "true"
	return nil
}

func setInFlight(d *draft, v string) (err error) {
	d.limits.InFlight, err = atLeast(1, v)
	return err
}

func setMemory(d *draft, v string) (err error) {
	d.limits.MemoryMiB, err = atLeast(0, v)
	return err
}

func rate(field func(*Limits) *float64) func(*draft, string) error {
	return func(d *draft, v string) error {
		f, err := strconv.ParseFloat(v, 64)
		if err != nil || !(f >= 0 && f <= 1e9) {
			return errors.New("must be a number of requests a second, 0 for no limit")
		}
		*field(&d.limits) = f
		return nil
	}
}

func burst(field func(*Limits) *int) func(*draft, string) error {
	return func(d *draft, v string) (err error) {
		*field(&d.limits), err = atLeast(1, v)
		return err
	}
}

func atLeast(least int, v string) (int, error) {
	n, err := strconv.ParseInt(v, 10, 32)
	if err != nil || int(n) < least {
		return 0, errors.New("must be a whole number from " + strconv.Itoa(least))
	}
	return int(n), nil
}

func setCert(d *draft, v string) error {
	if v == "" {
		return errors.New("must be a path")
	}
	d.cert = under(d.dir, v)
	return nil
}

func setKey(d *draft, v string) (err error) {
	d.key, err = parseSecret(v, d.dir)
	return err
}

func addProxy(d *draft, v string) error {
	if prefix, err := netip.ParsePrefix(v); err == nil {
		d.proxies = append(d.proxies, prefix.Masked())
		return nil
	}
	addr, err := netip.ParseAddr(v)
	if err != nil {
		return errors.New("must be an address or a CIDR range")
	}
	d.proxies = append(d.proxies, netip.PrefixFrom(addr, addr.BitLen()))
	return nil
}

func setLevel(d *draft, v string) (err error) {
	if d.level, err = obs.ParseLevel(v); err != nil {
		return errors.New("must be debug, info, warn or error")
	}
	return nil
}

func setFormat(d *draft, v string) (err error) {
	if d.format, err = obs.ParseFormat(v); err != nil {
		return errors.New("must be text or json")
	}
	return nil
}
