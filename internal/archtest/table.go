package archtest

// rule says what the packages of a folder may import of the module besides
// packages of the same folder. It covers subfolders that have no rule of their
// own.
type rule struct {
	folder string
	may    []string
}

// everything in a rule's list allows every package of the module.
const everything = "*"

// ofUseCases is what the use cases may import, and so what their faces may.
var ofUseCases = []string{"attestation", "certs", "evidence", "formats", "ledger", "partners", "signing", "signing/xmlsig", "storage", "internal"}

func with(list []string, more ...string) []string {
	return append(append([]string(nil), list...), more...)
}

// table is the one list of the rules. A folder that is not in it may not hold a
// package. An entry allows a folder with its subfolders, but not those with a
// rule of their own: a storage backend is not allowed with storage.
var table = []rule{
	{"attestation", []string{"internal"}},
	{"formats", []string{"attestation", "internal"}},
	{"certs", []string{"attestation", "internal"}},
	{"ledger", []string{"attestation", "internal"}},
	{"signing", []string{"attestation", "certs", "internal"}},
	{"signing/xmlsig", []string{"attestation", "certs", "formats/xmldoc", "signing", "internal"}},
	{"partners", []string{"attestation", "certs", "signing", "internal"}},
	{"storage", []string{"attestation", "ledger", "internal"}},
	{"storage/local", []string{"attestation", "ledger", "storage", "internal"}},
	{"storage/mongo", []string{"attestation", "ledger", "storage", "internal"}},
	{"evidence", []string{"attestation", "certs", "ledger", "partners", "signing", "internal"}},
	{"gateway", ofUseCases},
	{"gateway/api", with(ofUseCases, "gateway")},
	{"gateway/console", with(ofUseCases, "gateway")},
	{"gateway/outbox", with(ofUseCases, "gateway", "client")},
	{"gateway/peer", with(ofUseCases, "gateway", "client")},
	{"client", []string{"attestation", "evidence", "formats", "ledger", "signing", "internal"}},
	{"configs", []string{"internal"}},
	{"deploy", nil}, // the probe of the image; its tests look at everything
	{"internal", nil},
	{"cmd", []string{everything}},
}

// home says which folders alone may import a third party.
type home struct {
	module  string // import path, or the start of it up to a slash or the end
	folders []string
}

// homes is the one list of third parties with a home. What is not in it may be
// imported anywhere.
var homes = []home{
	{"github.com/lestrrat-go/jwx", []string{"signing"}},
	{"github.com/beevik/etree", []string{"formats"}},
	{"github.com/gorilla/mux", []string{"gateway/api", "gateway/console"}},
	{"go.mongodb.org/mongo-driver", []string{"storage/mongo"}},
	{"modernc.org/sqlite", []string{"storage/local"}},
	{"code.dny.dev/ssrf", []string{"internal/safehttp"}},
}
