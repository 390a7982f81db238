package did

import (
	"net/url"
	"strings"

	"accord/internal/fault"
)

// Method is the one DID method that is resolved.
const Method = "did:web:"

// MaxDID bounds a DID; a URL has as much.
const MaxDID = 2_000

// URL returns where the document of a did:web is (did:web method specification,
// section 2.5.2): https://host/.well-known/did.json, or …/path/did.json. Another
// method, an IP address as host and a path that could lead elsewhere are
// schema.format.
func URL(did string) (string, error) {
	host, path, err := split(did)
	if err != nil {
		return "", err
	}
	if path == nil {
		return "https://" + host + "/.well-known/did.json", nil
	}
	return "https://" + host + "/" + strings.Join(path, "/") + "/did.json", nil
}

// Host returns the host of a did:web, with its port if it has one, in the form of
// a URL.
func Host(did string) (string, error) {
	host, _, err := split(did)
	return host, err
}

func split(did string) (host string, path []string, err error) {
	rest, ok := strings.CutPrefix(did, Method)
	if !ok || len(did) > MaxDID {
		return "", nil, malformed("only did:web is resolved")
	}
	parts := strings.Split(rest, ":")
	host, err = url.PathUnescape(parts[0])
	if err != nil || !validHost(host) {
		return "", nil, malformed("a did:web begins with a host name, its port after %3A")
	}
	for _, p := range parts[1:] {
		if !validSegment(p) {
			return "", nil, malformed("the path of a did:web has a part that may not stand there")
		}
	}
	if len(parts) == 1 {
		return host, nil, nil
	}
	return host, parts[1:], nil
}

func malformed(detail string) error { return fault.New(fault.SchemaFormat, detail) }

// validHost: a name of two labels or more, or localhost, and a port. The method
// forbids IP addresses.
func validHost(s string) bool {
	name, port, hasPort := strings.Cut(s, ":")
	if hasPort && (port == "" || len(port) > 5 || strings.Trim(port, "0123456789") != "") {
		return false
	}
	labels := strings.Split(name, ".")
	if len(name) > 253 || len(labels) < 2 && name != "localhost" || strings.Trim(labels[len(labels)-1], "0123456789") == "" {
		return false
	}
	for _, l := range labels {
		if l == "" || len(l) > 63 || l[0] == '-' || l[len(l)-1] == '-' || strings.Trim(strings.ToLower(l), "abcdefghijklmnopqrstuvwxyz0123456789-_") != "" {
			return false
		}
	}
	return true
}

// validSegment: the characters of a DID (DID Core 1.0, section 3.1), and never a
// way up or a slash in disguise.
func validSegment(s string) bool {
	plain, err := url.PathUnescape(s)
	if err != nil || s == "" || plain == "." || plain == ".." || strings.ContainsAny(plain, "/\\?#\x00") {
		return false
	}
	for _, b := range []byte(s) {
		letter := b|0x20 >= 'a' && b|0x20 <= 'z' || b >= '0' && b <= '9'
		if !letter && strings.IndexByte(".-_%", b) < 0 {
			return false
		}
	}
	return true
}

// Of returns the DID of a gateway by its issuer URL: https://gw.example:8443 is
// did:web:gw.example%3A8443. A path becomes a path. "" is for a URL without host.
func Of(issuer string) string {
	u, err := url.Parse(issuer)
	if err != nil || u.Host == "" {
		return ""
	}
	did := Method + strings.ReplaceAll(u.Host, ":", "%3A")
	for p := range strings.SplitSeq(strings.Trim(u.EscapedPath(), "/"), "/") {
		if p != "" {
			did += ":" + p
		}
	}
	return did
}
