package configs_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"accord/configs"
	"accord/internal/fault"

	"github.com/google/go-cmp/cmp"
)

const jwk = `{kty: OKP, crv: Ed25519, x: 11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo, kid: "1"}`

// least is the smallest configuration; keys given in more come first, so that
// they are not given twice.
func least(more map[string]string) string {
	base := map[string]string{
		"issuer": "http://127.0.0.1:8080", "authority": "cnca", "economy": "CN", "name": "Example",
		"ledger": "{origin: localhost/v1/ledger}", "operators": "{keys: [" + jwk + "]}",
	}
	for k, v := range more {
		base[k] = v
	}
	var b strings.Builder
	for k, v := range base {
		if v != "-" {
			fmt.Fprintf(&b, "%s: %s\n", k, v)
		}
	}
	return b.String()
}

func TestExample_isValidAndHasEveryKey(t *testing.T) {
	t.Parallel()
	c, err := configs.Load("accord.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	tls, ok := c.TLS()
	got := []any{
		c.Home(), c.Issuer(), c.Listen(), c.OpsListen(), c.Authority(), c.Economy(), c.Name() != "", c.Origin(), c.Prefix(),
		len(c.Operators()), c.Approvals(), c.Archive(), c.Limits(), ok, tls.Cert, tls.Key.String(), fmt.Sprint(c.Proxies()),
		c.LogLevel().String(), string(c.LogFormat()),
	}
	want := []any{
		".", "https://gateway.example.cn", "127.0.0.1:8080", "127.0.0.1:9090", "cnca", "CN", true, "gateway.example.cn/v1/ledger",
		"https://gateway.example.cn/v1/ledger", 1, 1, configs.Archive{Scheme: "local", Path: "archive"},
		configs.Limits{InFlight: 1024, PartnerRate: 20000, PartnerBurst: 40000, PublicRate: 50, PublicBurst: 200, MemoryMiB: 160},
		true, "tls/server.pem", "file:tls/server.key", "[10.0.0.0/28]", "INFO", "text",
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(configs.SecretRef{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, key := range configs.Keys() {
		name := key[strings.LastIndexByte(key, '/')+1:]
		if !strings.Contains(string(configs.Example()), name+":") {
			t.Errorf("the example says nothing of %s", key)
		}
	}
}

// The defaults that the example tells of are those that apply.
func TestParse_fillsIn(t *testing.T) {
	t.Parallel()
	c, err := configs.Parse([]byte(least(nil)), "/srv/accord")
	if err != nil {
		t.Fatal(err)
	}
	example, err := configs.Load("accord.example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if c.Limits() != example.Limits() || c.Listen() != example.Listen() || c.Approvals() != example.Approvals() ||
		c.LogLevel() != example.LogLevel() || c.LogFormat() != example.LogFormat() {
		t.Errorf("other defaults than in the example: %+v", c)
	}
	if _, ok := c.TLS(); ok || c.OpsListen() != "" || len(c.Proxies()) != 0 {
		t.Error("something is on that nobody asked for")
	}
	if c.Home() != "/srv/accord" || c.Archive().Path != "/srv/accord/archive" || c.Prefix() != "http://127.0.0.1:8080/v1/ledger" {
		t.Errorf("got %s, %s, %s", c.Home(), c.Archive().Path, c.Prefix())
	}
	if got := string(c.Operators()[0]); got != `{"crv":"Ed25519","kid":"1","kty":"OKP","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}` {
		t.Errorf("operator key: %s", got)
	}
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		key, value string
		code       fault.Code
		at         string
	}{
		{"issuer", "-", fault.SchemaMissingField, "/issuer"},
		{"issuer", "http://gateway.example", fault.SchemaFormat, "/issuer"},
		{"issuer", "https://gateway.example/", fault.SchemaFormat, "/issuer"},
		{"issuer", "https://gateway.example?x", fault.SchemaFormat, "/issuer"},
		{"issuer", "gateway.example", fault.SchemaFormat, "/issuer"},
		{"issuer", "[a]", fault.SchemaType, "/issuer"},
		{"listen", "8080", fault.SchemaFormat, "/listen"},
		{"listen", "127.0.0.1:99999", fault.SchemaFormat, "/listen"},
		{"ops_listen", "0.0.0.0:9090", fault.SchemaFormat, "/ops_listen"},
		{"ops_listen", ":9090", fault.SchemaFormat, "/ops_listen"},
		{"ops_listen", "127.0.0.1:8080", fault.SchemaFormat, "/ops_listen"},
		{"authority", "CN", fault.SchemaFormat, "/authority"},
		{"economy", "cn", fault.SchemaFormat, "/economy"},
		{"name", `" "`, fault.SchemaFormat, "/name"},
		{"name", `"a\nb"`, fault.SchemaFormat, "/name"},
		{"ledger", "{origin: https://a/b}", fault.SchemaFormat, "/ledger/origin"},
		{"ledger", "{origin: a b}", fault.SchemaFormat, "/ledger/origin"},
		{"tls", "a/b", fault.SchemaType, "/tls"},
		{"operators", "{keys: []}", fault.SchemaLength, "/operators/keys"},
		{"operators", "{keys: {}}", fault.SchemaType, "/operators/keys"},
		{"operators", "{keys: [x]}", fault.SchemaType, "/operators/keys/0"},
		{"operators", "{keys: [{x: y}]}", fault.SchemaFormat, "/operators/keys/0"},
		{"operators", "{keys: [" + jwk + ", {kty: OKP, d: swordfish}]}", fault.SchemaFormat, "/operators/keys/1"},
		{"operators", "{keys: [{kty: OKP, x: {}}]}", fault.SchemaType, "/operators/keys/0"},
		{"operators", "{keys: [" + jwk + "], approvals: 2}", fault.SchemaFormat, "/operators/approvals"},
		{"operators", "{keys: [" + jwk + "], approvals: 0}", fault.SchemaFormat, "/operators/approvals"},
		{"home", ".", fault.SchemaUnknownField, "/home"},
		{"home", "/srv/accord", fault.SchemaUnknownField, "/home"},
		{"archive", "mongo://localhost", fault.SchemaFormat, "/archive"},
		{"archive", "mongodb://accord:swordfish@a,b/accord", fault.SchemaFormat, "/archive"},
		{"archive", "mongodb+srv://accord:p%40ss@a/accord", fault.SchemaFormat, "/archive"},
		{"archive_password", "swordfish", fault.SchemaFormat, "/archive_password"},
		{"archive_password", "env:X", fault.SchemaFormat, "/archive_password"},
		{"archive_unverified", "perhaps", fault.SchemaFormat, "/archive_unverified"},
		{"limits", "{in_flight: 0}", fault.SchemaFormat, "/limits/in_flight"},
		{"limits", "{partner_rate: -1}", fault.SchemaFormat, "/limits/partner_rate"},
		{"limits", "{partner_rate: .nan}", fault.SchemaFormat, "/limits/partner_rate"},
		{"limits", "{public_burst: 1.5}", fault.SchemaFormat, "/limits/public_burst"},
		{"limits", "{rate: 1}", fault.SchemaUnknownField, "/limits/*"},
		{"tls", "{cert: a}", fault.SchemaFormat, "/tls"},
		{"tls", "{cert: a, key: swordfish}", fault.SchemaFormat, "/tls/key"},
		{"tls", "{cert: a, key: 'env:a b'}", fault.SchemaFormat, "/tls/key"},
		{"proxies", "[localhost]", fault.SchemaFormat, "/proxies/0"},
		{"proxies", "10.0.0.1", fault.SchemaType, "/proxies"},
		{"log", "{level: loud}", fault.SchemaFormat, "/log/level"},
		{"log", "{format: xml}", fault.SchemaFormat, "/log/format"},
		{"swordfish", "1", fault.SchemaUnknownField, "/*"},
		{"Issuer", "https://a.example", fault.SchemaUnknownField, "/*"},
	} {
		err := configs.Validate([]byte(least(map[string]string{test.key: test.value})))
		if err == nil {
			t.Errorf("%s: %s was accepted", test.key, test.value)
			continue
		}
		found := fault.All(err)
		if f := found[0]; len(found) != 1 || f.Code != test.code || f.At != test.at {
			t.Errorf("%s: %s: got %v, want %s at %s", test.key, test.value, found, test.code, test.at)
		}
		if strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%s: the value was repeated: %v", test.key, err)
		}
	}
}

func TestParse_refusesWhatIsNoMapping(t *testing.T) {
	t.Parallel()
	for _, src := range []string{
		"swordfish", "[a]", "a: b: swordfish", "\t", "a: &x 1\nb: *x\n", least(nil) + "---\na: b\n", strings.Repeat("#", 1<<20+1),
		least(map[string]string{"name": "&n a", "economy": "*n"}), "<<: {issuer: swordfish}",
	} {
		if err := configs.Validate([]byte(src)); err == nil || strings.Contains(err.Error(), "swordfish") {
			t.Errorf("%.40q: %v", src, err)
		}
	}
	if err := configs.Validate([]byte(least(nil) + "name: again\n")); fault.CodeOf(err) != fault.SchemaDuplicateField {
		t.Errorf("a key given twice: %v", err)
	}
}

func TestParse_reportsEveryFaultAtOnce(t *testing.T) {
	t.Parallel()
	_, err := configs.Parse([]byte("issuer: x\neconomy: y\nlimits: {in_flight: z}\nfoo: 1\n"), ".")
	var got []string
	for _, f := range fault.All(err) {
		got = append(got, f.At)
	}
	want := []string{"/*", "/issuer", "/authority", "/economy", "/name", "/ledger/origin", "/operators/keys", "/limits/in_flight"}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(configs.SecretRef{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if err := configs.Validate(nil); len(fault.All(err)) != 6 {
		t.Errorf("an empty file: %v", err)
	}
}

// TestArchive_ofMongoDB reads each way to say where the archive is and shows
// that no password is printed.
func TestArchive_ofMongoDB(t *testing.T) {
	const secret = "mongodb://accord:swordfish@a.example/accord"
	t.Setenv("ARCHIVE_AT", secret)
	for value, want := range map[string]string{
		"mongodb://accord@a.example,b.example:27018/accord?replicaSet=rs0&tls=true": "mongodb://accord@a.example,b.example:27018/accord?replicaSet=rs0&tls=true",
		"env:ARCHIVE_AT": secret,
	} {
		c, err := configs.Parse([]byte(least(map[string]string{"archive": value})), ".")
		if err != nil {
			t.Fatalf("%s: %v", value, err)
		}
		got, err := c.Archive().Connection()
		if err != nil || string(got.Reveal()) != want || c.Archive().Scheme != "mongodb" {
			t.Errorf("%s: %+v, %v", value, c.Archive(), err)
		}
		if shown := fmt.Sprint(c.Archive(), got); strings.Contains(shown, "swordfish") {
			t.Errorf("%s: %s", value, shown)
		}
	}
	path := filepath.Join(t.TempDir(), "accord.yaml")
	if err := os.WriteFile(path, configs.Example(), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv(configs.ArchiveVariable, secret)
	c, err := configs.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.Archive().Connection(); err != nil || string(got.Reveal()) != secret || c.Archive().String() != "env:"+configs.ArchiveVariable {
		t.Errorf("%s, %v", c.Archive(), err)
	}
	t.Setenv(configs.ArchiveVariable, "postgres://x:swordfish@y")
	if _, err := configs.Load(path); fault.CodeOf(err) != fault.SchemaFormat || strings.Contains(err.Error(), "swordfish") {
		t.Errorf("a foreign string: %v", err)
	}
}

func TestSecretRef_resolves(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string]string{"key": "swordfish\n", "empty": "\n", "large": strings.Repeat("x", 1<<17)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("ACCORD_TEST_KEY", "swordfish") // so the test is not parallel
	for ref, ok := range map[string]bool{
		"file:key": true, "env:ACCORD_TEST_KEY": true, "file:none": false, "file:empty": false, "file:large": false, "env:ACCORD_TEST_NONE": false,
	} {
		c, err := configs.Parse([]byte(least(map[string]string{"tls": "{cert: c, key: '" + ref + "'}"})), dir)
		if err != nil {
			t.Fatal(err)
		}
		tls, _ := c.TLS()
		secret, err := tls.Key.Resolve()
		if (err == nil) != ok || ok && string(secret.Reveal()) != "swordfish" {
			t.Errorf("%s: %v", ref, err)
		}
		if text := fmt.Sprintf("%v %+v %s", tls, secret, tls.Key); strings.Contains(text, "swordfish") {
			t.Errorf("printed: %s", text)
		}
	}
}

func TestFile_writesWhatLoadReads(t *testing.T) {
	t.Parallel()
	f := configs.File{
		Issuer: "https://gateway.example", Authority: "nz-mbie", Economy: "NO", Name: "yes: 'no'",
		Ledger:    configs.FileLedger{Origin: "gateway.example/v1/ledger"},
		Operators: configs.FileOperators{Keys: []json.RawMessage{json.RawMessage(`{"kty":"EC","crv":"P-256","x":"1e3","y":"0x10","kid":"null","key_ops":["verify"]}`)}},
		Archive:   "local:archive", Limits: map[string]any{"in_flight": 7},
		TLS: &configs.FileTLS{Cert: "c.pem", Key: "file:k.pem"},
	}
	out, err := f.YAML()
	if err != nil {
		t.Fatal(err)
	}
	c, err := configs.Parse(out, "/home")
	if err != nil {
		t.Fatal(err)
	}
	if c.Name() != f.Name || c.Economy() != "NO" || c.Limits().InFlight != 7 || c.Limits().PublicRate != 50 {
		t.Errorf("got %+v", c)
	}
	if got := string(c.Operators()[0]); got != `{"crv":"P-256","key_ops":["verify"],"kid":"null","kty":"EC","x":"1e3","y":"0x10"}` {
		t.Errorf("operator key: %s", got)
	}
	f.Economy = "Norway"
	if _, err := f.YAML(); fault.CodeOf(err) != fault.SchemaFormat {
		t.Errorf("an invalid file was written: %v", err)
	}
}

// Two addresses whose ports the system chooses are not the same.
func TestParse_takesTwoChosenPorts(t *testing.T) {
	t.Parallel()
	c, err := configs.Parse([]byte(least(map[string]string{"listen": "127.0.0.1:0", "ops_listen": "127.0.0.1:0"})), ".")
	if err != nil || c.Listen() != "127.0.0.1:0" {
		t.Errorf("got %v", err)
	}
}

func TestParse_saysWhereTheHomeIs(t *testing.T) {
	t.Parallel()
	err := configs.Validate([]byte(least(map[string]string{"home": "."})))
	if err == nil || !strings.Contains(err.Error(), "the directory of this file") {
		t.Errorf("got %v", err)
	}
}
