package mongo

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"accord/internal/obs"
)

// x509Mechanism authenticates by the certificate of TLS, without a password.
const x509Mechanism = "MONGODB-X509"

// parsedURI is a connection string without its secret.
type parsedURI struct {
	clean    string     // for the driver, with a mark in the place of the password
	shown    string     // for people: hosts only
	database string     // of the path
	password obs.Secret // as it stood in the URI
}

// marked stands in the driver's URI where a password belongs; the driver
// refuses a user without one before it can be set.
const marked = "x"

// splitURI takes the password out of a connection string. The driver's own
// parser repeats parts of a string that it refuses, so it only ever sees the
// string without; and what is said here of a string that cannot be split
// repeats nothing of it.
func splitURI(uri string) (parsedURI, error) {
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok || scheme != "mongodb" && scheme != "mongodb+srv" {
		return parsedURI{}, errors.New("the URI must begin with mongodb:// or mongodb+srv://")
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	authority, tail := rest[:end], rest[end:]
	if strings.Contains(tail, "@") {
		return parsedURI{}, errors.New("the URI has an @ behind its hosts; in a user name, password or option write / as %2F and @ as %40")
	}
	path, query, _ := strings.Cut(tail, "?")
	u := parsedURI{database: strings.TrimPrefix(path, "/")}
	hosts := authority
	if i := strings.LastIndex(authority, "@"); i >= 0 {
		var user string
		var err error
		hosts = authority[i+1:]
		if user, u.password, err = splitUser(authority[:i]); err != nil {
			return parsedURI{}, err
		}
		authority = user + "@" + hosts
		if !strings.EqualFold(mechanismOf(query), x509Mechanism) {
			authority = user + ":" + marked + "@" + hosts
		}
	}
	if hosts == "" {
		return parsedURI{}, errors.New("the URI names no host")
	}
	u.clean, u.shown = scheme+"://"+authority+tail, scheme+"://"+hosts
	return u, checkQuery(query)
}

// splitUser returns the user name, escaped as it was, and the password.
func splitUser(info string) (user string, password obs.Secret, err error) {
	user, secret, _ := strings.Cut(info, ":")
	name, errName := url.PathUnescape(user)
	clear, errSecret := url.PathUnescape(secret)
	if errName != nil || errSecret != nil || strings.ContainsAny(info, "@ ") || strings.Contains(secret, ":") {
		return "", obs.Secret{}, errors.New("the user name or password in the URI must be percent-encoded: % as %25, @ as %40, : as %3A")
	}
	if name == "" {
		return "", obs.Secret{}, errors.New("the URI has a password but no user name")
	}
	return user, obs.NewSecret([]byte(clear)), nil
}

// fixedOptions are the options of a URI that the archive decides: the value
// that says the same, or none.
var fixedOptions = map[string]string{
	"w": "majority", "journal": "true", "wtimeoutms": "", "readconcernlevel": "majority",
	"readpreference": "primary", "readpreferencetags": "", "maxstaleness": "", "maxstalenessseconds": "",
	"retrywrites": "true", "retryreads": "true", "directconnection": "false", "connect": "automatic",
	"loadbalanced": "false", "timeoutms": "", "sockettimeoutms": "", "serverselectiontimeoutms": "",
	"connecttimeoutms": "", "heartbeatfrequencyms": "", "heartbeatintervalms": "", "appname": "",
}

// refusedOptions are options that no archive may have, and why.
var refusedOptions = map[string]string{
	"tlsinsecure":                          "it would trust any server",
	"sslinsecure":                          "it would trust any server",
	"tlscertificatekeyfilepassword":        "a secret does not belong into a URI",
	"sslclientcertificatekeypassword":      "a secret does not belong into a URI",
	"authmechanismproperties":              "it can hold a secret, and no supported mechanism needs it",
	"tlsallowinvalidcertificates":          "it would trust any server",
	"tlsallowinvalidhostnames":             "it would trust any server",
	"tlsdisablecertificaterevocationcheck": "it would trust a revoked server",
}

// checkQuery refuses options of a URI that contradict the archive. It names
// them, never their value.
func checkQuery(query string) error {
	values, err := url.ParseQuery(query)
	if err != nil {
		return errors.New("the URI's options cannot be read")
	}
	var names []string
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		lower := strings.ToLower(name)
		if why, ok := refusedOptions[lower]; ok {
			return fmt.Errorf("the URI sets %s: %s", name, why)
		}
		want, ok := fixedOptions[lower]
		if ok && slices.ContainsFunc(values[name], func(v string) bool { return want == "" || !strings.EqualFold(v, want) }) {
			return fmt.Errorf("the URI sets %s, which the archive decides itself; take it out", name)
		}
	}
	return nil
}

// mechanismOf returns the authentication mechanism of a URI's options.
func mechanismOf(query string) string {
	values, _ := url.ParseQuery(query) // checkQuery reports what is wrong
	for name, v := range values {
		if strings.EqualFold(name, "authMechanism") && len(v) > 0 {
			return v[0]
		}
	}
	return ""
}
