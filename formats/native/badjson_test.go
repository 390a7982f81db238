package native_test

import (
	"slices"
	"strings"
	"testing"

	"accord/formats/native"
	"accord/internal/fault"
)

// minimal is a submission with only what is required; the tests below damage it
// by replacing one piece of text.
const minimal = `{"modelVersion":"1.0","kind":"certification","party":"third","regime":"voluntary",` +
	`"identifiers":[{"scheme":"s","value":"N1"}],"issuer":{"name":[{"lang":"en","value":"CB"}]},` +
	`"parties":[{"role":"client","country":"CN"}],"objects":[{"type":"product","name":[{"lang":"en","value":"P"}]}],` +
	`"dates":{"issued":{"value":"2024-01-02"}},"statusEvents":[{"seq":1,"event":"issue","effective":{"value":"2024-01-02"}}]}`

// finding is a code and a place: "code at".
func findingsOf(err error) []string {
	var out []string
	for _, f := range fault.All(err) {
		out = append(out, strings.TrimSpace(string(f.Code)+" "+f.At))
	}
	return out
}

func TestDecodeJSON_acceptsTheMinimum(t *testing.T) {
	t.Parallel()
	if _, err := native.DecodeJSON([]byte(minimal)); err != nil {
		t.Fatal(err)
	}
}

func TestDecodeJSON_refuses(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		old, new string
		want     []string
	}{
		"gateway member id":         {`{"modelVersion"`, `{"id":"att_x","modelVersion"`, []string{"schema.gateway_field /id"}},
		"gateway member revision":   {`{"modelVersion"`, `{"revision":1,"modelVersion"`, []string{"schema.gateway_field /revision"}},
		"gateway members of a view": {`{"modelVersion"`, `{"source":{},"proofs":[],"status":{},"modelVersion"`, []string{"schema.gateway_field /source", "schema.gateway_field /proofs", "schema.gateway_field /status"}},
		"recorded on an event":      {`"seq":1`, `"seq":1,"recorded":"x"`, []string{"schema.gateway_field /statusEvents/0/recorded"}},
		"unknown member":            {`"kind"`, `"x":{"y":[1]},"kind"`, []string{"schema.unknown_field /x"}},
		"unknown inner member":      {`"country":"CN"`, `"country":"CN","county":"x"`, []string{"schema.unknown_field /parties/0/county"}},
		"other letter case":         {`"kind":`, `"Kind":`, []string{"schema.unknown_field /Kind", "schema.missing_field /kind"}},
		"folding letter": {`"kind":`, "\"\u212aind\":", []string{
			"schema.unknown_field /\u212aind", "schema.missing_field /kind"}},
		"duplicate member":         {`"kind":`, `"kind":"certification","kind":`, []string{"json.duplicate_member /kind"}},
		"escaped duplicate":        {`"kind":`, `"\u006bind":"certification","kind":`, []string{"json.duplicate_member /kind"}},
		"nested duplicate":         {`"lang":"en","value":"CB"`, `"lang":"en","value":"CB","value":"CC"`, []string{"json.duplicate_member /issuer/name/0/value"}},
		"duplicate inside unknown": {`"kind":`, `"x":{"a":1,"a":1},"kind":`, []string{"json.duplicate_member /x/a"}},
		"too deep": {`"kind":`, `"x":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `,"kind":`,
			[]string{"json.depth /x" + strings.Repeat("/0", 63)}},
		"number for a string":       {`"value":"N1"`, `"value":12`, []string{"schema.type /identifiers/0/value"}},
		"number for a decimal":      {`"type":"product"`, `"type":"product","quantity":{"name":"q","value":14.4,"unit":{"system":"s","code":"c"}}`, []string{"schema.type /objects/0/quantity/value"}},
		"2^53+1":                    {`"seq":1`, `"seq":9007199254740993`, []string{"json.number_range /statusEvents/0/seq"}},
		"1e400":                     {`"seq":1`, `"seq":1e400`, []string{"json.number_range /statusEvents/0/seq"}},
		"minus zero":                {`"seq":1`, `"seq":-0`, []string{"json.number_range /statusEvents/0/seq"}},
		"number with a fraction":    {`"seq":1`, `"seq":1.5`, []string{"schema.type /statusEvents/0/seq"}},
		"integer as 1.0":            {`"seq":1`, `"seq":1.0`, []string{"schema.type /statusEvents/0/seq"}},
		"seq zero":                  {`"seq":1`, `"seq":0`, []string{"schema.format /statusEvents/0/seq"}},
		"string for a number":       {`"seq":1`, `"seq":"1"`, []string{"schema.type /statusEvents/0/seq"}},
		"string for a boolean":      {`"type":"product"`, `"type":"product","modelsComplete":"true"`, []string{"schema.type /objects/0/modelsComplete"}},
		"null":                      {`"country":"CN"`, `"country":null`, []string{"schema.type /parties/0/country"}},
		"string for a list":         {`"name":[{"lang":"en","value":"CB"}]`, `"name":"CB"`, []string{"schema.type /issuer/name"}},
		"object for a list":         {`"name":[{"lang":"en","value":"CB"}]`, `"name":{"lang":"en","value":"CB"}`, []string{"schema.type /issuer/name"}},
		"wrong type in a list":      {`{"lang":"en","value":"CB"}`, `{"lang":"en","value":"CB"},7`, []string{"schema.type /issuer/name/1"}},
		"empty string":              {`"value":"N1"`, `"value":""`, []string{"schema.length /identifiers/0/value"}},
		"empty list":                {`"parties":[{"role":"client","country":"CN"}]`, `"parties":[]`, []string{"schema.length /parties"}},
		"empty object":              {`"dates"`, `"route":{},"dates"`, []string{"schema.length /route"}},
		"empty item":                {`{"lang":"en","value":"CB"}]}`, `{"lang":"en","value":"CB"}],"contacts":[{}]}`, []string{"schema.length /issuer/contacts/0"}},
		"unknown enumeration value": {`"certification"`, `"Certification"`, []string{"schema.format /kind"}},
		"unknown model version":     {`"1.0"`, `"1.1"`, []string{"schema.format /modelVersion"}},
		"date in another form":      {`"issued":{"value":"2024-01-02"}`, `"issued":{"value":"20240102"}`, []string{"schema.format /dates/issued/value"}},
		"date with a blank":         {`"issued":{"value":"2024-01-02"}`, `"issued":{"value":"2024-01-02 "}`, []string{"schema.format /dates/issued/value"}},
		"time without offset":       {`"issued":{"value":"2024-01-02"}`, `"issued":{"value":"2024-01-02T00:00:00"}`, []string{"schema.format /dates/issued/value"}},
		"country in lower case":     {`"CN"`, `"cn"`, []string{"schema.format /parties/0/country"}},
		"digest in upper case":      {`"kind"`, `"replaces":"sha-256:` + strings.Repeat("A", 64) + `","kind"`, []string{"schema.format /replaces"}},
		"NUL":                       {`"N1"`, `"N\u0000"`, []string{"schema.forbidden_char /identifiers/0/value"}},
		"control character":         {`"N1"`, `"N\u0001"`, []string{"schema.forbidden_char /identifiers/0/value"}},
		"delete":                    {`"N1"`, "\"N\u007f\"", []string{"schema.forbidden_char /identifiers/0/value"}},
		"next line":                 {`"N1"`, "\"N\u0085\"", []string{"schema.forbidden_char /identifiers/0/value"}},
		"noncharacter":              {`"N1"`, `"N\ufffe"`, []string{"schema.forbidden_char /identifiers/0/value"}},
		"line feed in one line":     {`"N1"`, `"N\n"`, []string{"schema.forbidden_char /identifiers/0/value"}},
		"CR LF in one line":         {`"N1"`, `"N\r\nSet-Cookie: x"`, []string{"schema.forbidden_char /identifiers/0/value"}},
		"override in one line":      {`"N1"`, "\"N\u202etxt\"", []string{"schema.forbidden_char /identifiers/0/value"}},
		"isolate in a name":         {`"CB"`, "\"C\u2066B\"", []string{"schema.forbidden_char /issuer/name/0/value"}},
		"line separator":            {`"CB"`, "\"C\u2028B\"", []string{"schema.forbidden_char /issuer/name/0/value"}},
		"CR in a description": {`"kind"`, `"description":[{"lang":"en","value":"a\rb"}],"kind"`,
			[]string{"schema.forbidden_char /description/0/value"}},
		"lone surrogate":  {`"N1"`, `"\ud800"`, []string{"json.invalid_unicode /identifiers/0/value"}},
		"invalid UTF-8":   {`"N1"`, "\"\xff\"", []string{"json.invalid_utf8"}},
		"byte order mark": {`{"modelVersion"`, "\ufeff{\"modelVersion\"", []string{"json.bom"}},
		"trailing data":   {`"2024-01-02"}}]}`, `"2024-01-02"}}]}[]`, []string{"json.trailing_data"}},
		"trailing NUL":    {`"2024-01-02"}}]}`, "\"2024-01-02\"}}]}\x00", []string{"json.trailing_data"}},
		"truncated":       {`"2024-01-02"}}]}`, `"2024-01-02"}}`, []string{"json.syntax /statusEvents"}},
		"number in an extension": {`"dates"`, `"extensions":{"urn:x":{"a":[1]}},"dates"`,
			[]string{"schema.type /extensions/urn:x/a/0"}},
		"control character in an extension": {`"dates"`, `"extensions":{"urn:x":"\u0001"},"dates"`,
			[]string{"schema.forbidden_char /extensions/urn:x"}},
		"target of two kinds": {`"dates"`, `"relations":[{"type":"amends","target":{"issuer":"x","digest":"y"}}],"dates"`,
			[]string{"schema.unknown_field /relations/0/target/digest", "schema.missing_field /relations/0/target/scheme", "schema.missing_field /relations/0/target/number"}},
		"result of no kind":  {`"dates"`, `"results":[{"name":"x"}],"dates"`, []string{"schema.missing_field /results/0"}},
		"result of two":      {`"dates"`, `"results":[{"name":"x","score":"A","text":[{"lang":"en","value":"B"}]}],"dates"`, []string{"schema.unknown_field /results/0"}},
		"limit without unit": {`"dates"`, `"results":[{"name":"x","score":"A","lower":"1"}],"dates"`, []string{"schema.missing_field /results/0"}},
		"nothing but a list": {minimal, `[]`, []string{"schema.type"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(minimal, c.old) {
				t.Fatal("nothing to replace")
			}
			_, err := native.DecodeJSON([]byte(strings.Replace(minimal, c.old, c.new, 1)))
			if got := findingsOf(err); !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q\n%v", got, c.want, err)
			}
		})
	}
}

func TestDecodeJSON_reportsEverythingAtOnce(t *testing.T) {
	t.Parallel()
	_, err := native.DecodeJSON([]byte(`{"kind":7,"parties":[{"role":"x","zzz":1}]}`))
	want := []string{
		"schema.type /kind", "schema.format /parties/0/role", "schema.unknown_field /parties/0/zzz",
		"schema.missing_field /modelVersion", "schema.missing_field /party", "schema.missing_field /regime",
		"schema.missing_field /identifiers", "schema.missing_field /issuer", "schema.missing_field /objects",
		"schema.missing_field /dates", "schema.missing_field /statusEvents",
	}
	if got := findingsOf(err); !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestDecodeJSON_boundsItsFindings(t *testing.T) {
	t.Parallel()
	src := `{"marking":[` + strings.Repeat(`1,`, 5000) + `1]}`
	_, err := native.DecodeJSON([]byte(src))
	if n := len(fault.All(err)); n != 100 {
		t.Errorf("%d findings", n)
	}
}

func TestDecodeStatus_refuses(t *testing.T) {
	t.Parallel()
	good := string(native.AppendStatusJSON(nil, statusStatement()))
	for name, c := range map[string]struct{ old, new, want string }{
		"first event":     {`"seq":3`, `"seq":1`, "schema.format /seq"},
		"unknown member":  {`"seq":3`, `"seq":3,"aud":"x"`, "schema.unknown_field /aud"},
		"by":              {`"seq":3`, `"seq":3,"by":{}`, "schema.unknown_field /by"},
		"recorded":        {`"seq":3`, `"seq":3,"recorded":"x"`, "schema.gateway_field /recorded"},
		"issuer as a URN": {`"issuer":"cn-example-cb","number":"2024`, `"issuer":"urn:accord:partner:x","number":"2024`, "schema.format /subject/issuer"},
		"unknown event":   {`"supersede"`, `"revoke"`, "schema.format /event"},
		"duplicate":       {`"seq":3`, `"seq":3,"seq":4`, "json.duplicate_member /seq"},
	} {
		// What is superseded by this has members of the same names, in front.
		i := strings.LastIndex(good, c.old)
		if i < 0 {
			t.Fatalf("%s: nothing to replace", name)
		}
		_, err := native.DecodeStatus([]byte(good[:i] + c.new + good[i+len(c.old):]))
		if got := findingsOf(err); !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: got %q, want %s", name, got, c.want)
		}
	}
}
