package mongo_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"accord/internal/fault"
	"accord/internal/obs"
	"accord/storage/mongo"
)

// canary is a password that must be seen nowhere.
const canary = "hunter2canary"

func TestURI_passwordIsTakenOut(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string][3]string{
		"mongodb://h:1/db": {"mongodb://h:1/db", "mongodb://h:1", ""},
		"mongodb://h":      {"mongodb://h", "mongodb://h", ""},
		"mongodb://u:" + canary + "@h:1,i:2/db?tls=true":     {"mongodb://u:x@h:1,i:2/db?tls=true", "mongodb://h:1,i:2", canary},
		"mongodb://a%40b:p%2F%40%3A%25@h/?authSource=admin":  {"mongodb://a%40b:x@h/?authSource=admin", "mongodb://h", "p/@:%"},
		"mongodb://u:p@h/?w=majority&retryWrites=true":       {"mongodb://u:x@h/?w=majority&retryWrites=true", "mongodb://h", "p"},
		"mongodb://CN=a@h/?authMechanism=MONGODB-X509&tls=1": {"mongodb://CN=a@h/?authMechanism=MONGODB-X509&tls=1", "mongodb://h", ""},
	} {
		clean, shown, password, _ := mongo.CheckURI(uri)
		require.Equal(t, want, [3]string{clean, shown, password}, uri)
	}
}

func TestURI_refused(t *testing.T) {
	t.Parallel()
	for uri, want := range map[string]string{
		"":                                    "must begin with mongodb://",
		"postgres://u:" + canary + "@h/db":    "must begin with mongodb://",
		"mongodb://":                          "names no host",
		"mongodb://u:" + canary + "@":         "names no host",
		"mongodb://:" + canary + "@h":         "no user name",
		"mongodb://u@h":                       "there is no password",
		"mongodb://u:" + canary + "/x@h/db":   "an @ behind its hosts",
		"mongodb://u:" + canary + "?x@h/db":   "an @ behind its hosts",
		"mongodb://u:" + canary + "@x@h/db":   "percent-encoded",
		"mongodb://u:" + canary + ":x@h/db":   "percent-encoded",
		"mongodb://u:" + canary + "%zz@h":     "percent-encoded",
		"mongodb://u:" + canary + "@h:99999/": "port",
		"mongodb://u:" + canary + "@h/d?tlsCertificateKeyFilePassword=" + canary:             "tlsCertificateKeyFilePassword",
		"mongodb://u:" + canary + "@h/d?authMechanismProperties=AWS_SESSION_TOKEN:" + canary: "authMechanismProperties",
		"mongodb://u:" + canary + "@h/d?w=1":                                                 "w, which the archive decides",
		"mongodb://u:" + canary + "@h/d?w=majority&w=0":                                      "w, which the archive decides",
		"mongodb://u:" + canary + "@h/d?journal=false":                                       "journal",
		"mongodb://u:" + canary + "@h/d?wTimeoutMS=5":                                        "wTimeoutMS",
		"mongodb://u:" + canary + "@h/d?readPreference=nearest":                              "readPreference",
		"mongodb://u:" + canary + "@h/d?readConcernLevel=local":                              "readConcernLevel",
		"mongodb://u:" + canary + "@h/d?retryWrites=false":                                   "retryWrites",
		"mongodb://u:" + canary + "@h/d?directConnection=true":                               "directConnection",
		"mongodb://u:" + canary + "@h/d?connect=direct":                                      "connect",
		"mongodb://u:" + canary + "@h/d?tlsInsecure=true":                                    "trust any server",
		"mongodb://u:" + canary + "@h/d?%zz=" + canary:                                       "cannot be read",
		"mongodb://u:" + canary + "@h/d?authMechanism=" + "unheard":                          "auth mechanism",
	} {
		c, err := mongo.Connect(t.Context(), mongo.Options{URI: uri, Database: "db", Timeout: time.Second})
		require.ErrorContains(t, err, want, uri)
		require.Nil(t, c)
		require.Equal(t, fault.HTTPUnavailable, fault.CodeOf(err))
		require.NotContains(t, err.Error(), canary)
	}
}

func TestOptions_refused(t *testing.T) {
	t.Parallel()
	secret := obs.NewSecret([]byte(canary))
	for want, o := range map[string]mongo.Options{
		"no database is named":           {URI: "mongodb://h"},
		"the server's own":               {URI: "mongodb://h/admin"},
		`"a.b" cannot be`:                {URI: "mongodb://h/db", Database: "a.b"},
		"names no user":                  {URI: "mongodb://h/db", Password: secret},
		"another one is given beside it": {URI: "mongodb://u:p@h/db", Password: secret},
	} {
		_, err := mongo.Connect(context.Background(), o)
		require.ErrorContains(t, err, want)
		require.NotContains(t, err.Error(), canary)
	}
}
