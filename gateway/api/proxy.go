package api

import (
	"crypto/x509"
	"encoding/base64"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"accord/internal/fault"
)

// Behind a proxy the connection is the proxy's. What the fields of the request
// say of the client is believed only where the connection comes from a
// configured address (Limits.Proxies); from all others they are as if they were
// not there (api.md).

// maxHops bounds how many hops of a list are looked at: no real way is longer.
const maxHops = 32

// remoteAddr is the address of the other end of the connection.
func remoteAddr(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// proxied says whether an address is that of a configured proxy.
func (l *Limits) proxied(addr string) bool {
	if len(l.Proxies) == 0 {
		return false
	}
	ip, err := netip.ParseAddr(addr)
	if err != nil {
		return false
	}
	ip = ip.Unmap().WithZone("")
	return slices.ContainsFunc(l.Proxies, func(p netip.Prefix) bool { return p.Contains(ip) })
}

// clientAddr is the address by which an anonymous caller is counted and an audit
// line names it: the last hop that is no proxy of ours.
//
// A proxy writes one of two fields and lets the other pass as the client sent
// it. Which of them is its own cannot be seen, so where they disagree neither is
// believed and the address is the proxy's.
func (l *Limits) clientAddr(r *http.Request) string {
	addr := remoteAddr(r)
	if !l.proxied(addr) {
		return addr
	}
	forwarded, named := forwardedFor(r.Header.Values("Forwarded"))
	list := r.Header.Values("X-Forwarded-For")
	plain := strings.Split(strings.Join(list, ","), ",")
	switch {
	case named && len(list) > 0:
		if a := l.lastForeign(addr, forwarded); a == l.lastForeign(addr, plain) {
			return a
		}
		return addr
	case named:
		return l.lastForeign(addr, forwarded)
	case len(list) > 0:
		return l.lastForeign(addr, plain)
	}
	return addr
}

// lastForeign walks the hops from the nearest one on, as long as they are
// proxies of ours. A hop that names no address ends the way: what stands before
// it was said by somebody whom nobody vouches for.
func (l *Limits) lastForeign(addr string, hops []string) string {
	for n, hop := range slices.Backward(hops) {
		ip, ok := hopAddr(hop)
		if !ok || len(hops)-n > maxHops {
			return addr
		}
		if addr = ip.String(); !l.proxied(addr) {
			return addr
		}
	}
	return addr
}

// hopAddr reads a node of RFC 7239, section 6, which is also how X-Forwarded-For
// is written: an address, IPv6 in brackets where a port follows or in Forwarded.
func hopAddr(hop string) (netip.Addr, bool) {
	hop = strings.TrimSpace(hop)
	if at, err := netip.ParseAddrPort(hop); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	if len(hop) > 2 && hop[0] == '[' && hop[len(hop)-1] == ']' {
		hop = hop[1 : len(hop)-1]
	}
	ip, err := netip.ParseAddr(hop)
	return ip.Unmap().WithZone(""), err == nil
}

// forwardedFor reads the for parameters of Forwarded (RFC 7239, section 4), one
// for each element; an element without one is a hop that names no address. It
// returns false where the field is not there. A field that cannot be read is a
// hop without an address.
func forwardedFor(fields []string) (hops []string, ok bool) {
	if len(fields) == 0 {
		return nil, false
	}
	elements, ok := splitQuoted(strings.Join(fields, ","), ',')
	if !ok {
		return []string{""}, true
	}
	for _, element := range elements {
		pairs, _ := splitQuoted(element, ';') // quotes are whole in each element
		node := ""
		for _, pair := range pairs {
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if !strings.EqualFold(name, "for") {
				continue
			}
			if node != "" { // RFC 7239, section 4: once in an element
				node = ""
				break
			}
			node = unquoted(value)
		}
		hops = append(hops, node)
	}
	return hops, true
}

// splitQuoted splits at separators outside quoted strings; false where one does
// not end.
func splitQuoted(s string, sep byte) (parts []string, ok bool) {
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch {
		case quoted && s[i] == '\\':
			i++
		case s[i] == '"':
			quoted = !quoted
		case !quoted && s[i] == sep:
			parts, start = append(parts, s[start:i]), i+1
		}
	}
	return append(parts, s[start:]), !quoted
}

// unquoted is the value of a token or of a quoted string. No node has a
// character that must be escaped.
func unquoted(v string) string {
	if len(v) >= 2 && v[0] == '"' && v[len(v)-1] == '"' {
		return v[1 : len(v)-1]
	}
	return v
}

// maxClientChain bounds the certificates of Client-Cert-Chain.
const maxClientChain = 8

// clientChain returns the certificate that the client showed to a proxy of ours,
// with the chain where the proxy gives it (RFC 9440); nil where there is none or
// where whoever sends it is no proxy of ours. What cannot be read is
// auth.missing: the proxy meant somebody.
func (l *Limits) clientChain(r *http.Request) ([]*x509.Certificate, error) {
	if !l.proxied(remoteAddr(r)) {
		return nil, nil
	}
	fields := r.Header.Values("Client-Cert")
	rest := r.Header.Values("Client-Cert-Chain")
	if len(fields) == 0 && len(rest) == 0 {
		return nil, nil
	}
	// RFC 9440, section 2.2: an item, so there is one; section 2.3: a list.
	if len(fields) != 1 {
		return nil, errClientCert
	}
	texts := fields
	for _, field := range rest {
		texts = append(texts, strings.Split(field, ",")...)
	}
	if len(texts) > maxClientChain {
		return nil, errClientCert
	}
	var chain []*x509.Certificate
	for _, text := range texts {
		cert, err := byteSequence(text)
		if err != nil {
			return nil, err
		}
		chain = append(chain, cert)
	}
	return chain, nil
}

var errClientCert = fault.New(fault.AuthMissing, "Client-Cert must be one certificate as a byte sequence (RFC 9440), and Client-Cert-Chain a list of up to 7")

// byteSequence reads a certificate between colons (RFC 8941, section 3.3.5).
func byteSequence(text string) (*x509.Certificate, error) {
	text = strings.Trim(text, " \t")
	if len(text) < 2 || text[0] != ':' || text[len(text)-1] != ':' {
		return nil, errClientCert
	}
	der, err := base64.StdEncoding.DecodeString(text[1 : len(text)-1])
	if err != nil {
		return nil, errClientCert
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, errClientCert
	}
	return cert, nil
}
