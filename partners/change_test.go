package partners_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"accord/attestation"
	"accord/internal/fault"
	"accord/internal/strictjson"
	"accord/partners"
)

// summary writes code and place of every fault of an error.
func summary(err error) string {
	var out []string
	for _, f := range fault.All(err) {
		out = append(out, strings.TrimSpace(string(f.Code)+" "+f.At))
	}
	return strings.Join(out, "; ")
}

func TestChange_roundTrip(t *testing.T) {
	t.Parallel()
	first, err := partners.NewChange(gatewayIssuer, targetOf(body("cn-cb", partners.CertificationBody, "CN")), body("cn-cb", partners.CertificationBody, "CN"), day("2026-01-01"), nil)
	if err != nil {
		t.Fatal(err)
	}
	payload, err := first.Payload()
	if err != nil {
		t.Fatal(err)
	}
	canonical, err := strictjson.Canonical(payload)
	if err != nil || string(canonical) != string(payload) {
		t.Errorf("the payload is not in RFC 8785 form: %s (%v)", payload, err)
	}
	if got := attestation.DigestOf(payload); got != first.Digest() {
		t.Errorf("digest %s, want that of the payload %s", first.Digest(), got)
	}
	read, err := partners.ParseChange(payload)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Value(), read.Value()); diff != "" {
		t.Error(diff)
	}
	next, err := partners.NewChange(gatewayIssuer, first.Target, nil, day("2026-02-01"), read)
	if err != nil {
		t.Fatal(err)
	}
	if next.Seq != 2 || next.Prev != first.Digest() || next.Value() != nil {
		t.Errorf("the next change has seq %d, prev %s, value %v", next.Seq, next.Prev, next.Value())
	}
}

// The digest is that of the RFC 8785 form, however the JSON was written.
func TestParseChange_digestIsOfTheCanonicalForm(t *testing.T) {
	t.Parallel()
	c := newRegister(t).propose(body("cn-cb", partners.CertificationBody, "CN"), "2026-01-01")
	payload, err := c.Payload()
	if err != nil {
		t.Fatal(err)
	}
	var indented strings.Builder
	indented.WriteString(strings.Replace(string(payload), `"ver":1`, "\n  \"ver\" : 1\n", 1))
	read, err := partners.ParseChange([]byte(indented.String()))
	if err != nil {
		t.Fatal(err)
	}
	if read.Digest() != c.Digest() {
		t.Error("white space changed the digest")
	}
}

func TestParseChange_refuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		edit func(m map[string]any)
		want string
	}{
		"other version":      {func(m map[string]any) { m["ver"] = 2 }, "schema.format /ver"},
		"no issuer":          {func(m map[string]any) { delete(m, "iss") }, "schema.missing_field /iss"},
		"seq 0":              {func(m map[string]any) { m["seq"] = 0 }, "schema.format /seq"},
		"second without":     {func(m map[string]any) { m["seq"] = 2 }, "schema.missing_field /prev"},
		"first with prev":    {func(m map[string]any) { m["prev"] = string(attestation.DigestOf(nil)) }, "schema.format /prev"},
		"prev is no digest":  {func(m map[string]any) { m["seq"], m["prev"] = 2, "sha-256:x" }, "schema.format /prev"},
		"no body":            {func(m map[string]any) { delete(m, "body") }, "schema.missing_field /body"},
		"no effective":       {func(m map[string]any) { delete(m, "effective") }, "schema.missing_field /effective"},
		"effective not UTC":  {func(m map[string]any) { m["effective"] = "2026-01-01T00:00:00+08:00" }, "schema.format /effective"},
		"effective no time":  {func(m map[string]any) { m["effective"] = "soon" }, "schema.type /effective"},
		"no approvals":       {func(m map[string]any) { m["approvals"] = 0 }, "schema.format /approvals"},
		"unknown kind":       {func(m map[string]any) { m["target"] = map[string]any{"kind": "key", "id": "cn-cb"} }, "schema.format /target/kind"},
		"bad id":             {func(m map[string]any) { m["target"] = map[string]any{"kind": "partner", "id": "CN"} }, "schema.format /target/id"},
		"id of another":      {func(m map[string]any) { m["target"] = map[string]any{"kind": "partner", "id": "nz-cb"} }, "schema.format /body/id"},
		"unknown member":     {func(m map[string]any) { m["note"] = "x" }, "schema.unknown_field /note"},
		"unknown in body":    {func(m map[string]any) { m["body"].(map[string]any)["Kind"] = "lab" }, "schema.unknown_field /body/Kind"},
		"wrong type in body": {func(m map[string]any) { m["body"].(map[string]any)["relay"] = "yes" }, "schema.type /body/relay"},
		"all at once": {func(m map[string]any) { m["ver"], m["seq"], m["approvals"] = 0, -1, 0 },
			"schema.format /ver; schema.format /seq; schema.format /approvals"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			payload, err := newRegister(t).propose(body("cn-cb", partners.CertificationBody, "CN"), "2026-01-01").Payload()
			if err != nil {
				t.Fatal(err)
			}
			var m map[string]any
			if err := json.Unmarshal(payload, &m); err != nil {
				t.Fatal(err)
			}
			row.edit(m)
			if payload, err = json.Marshal(m); err != nil {
				t.Fatal(err)
			}
			_, err = partners.ParseChange(payload)
			wantError(t, err, row.want)
		})
	}
}

func TestParseChange_refusesDuplicateMembers(t *testing.T) {
	t.Parallel()
	_, err := partners.ParseChange([]byte(`{"ver":1,"ver":1}`))
	if code := fault.CodeOf(err); code != fault.JSONDuplicateMember {
		t.Errorf("%v", err)
	}
}

func TestChange_CheckApprovals(t *testing.T) {
	t.Parallel()
	c := newRegister(t).propose(body("cn-cb", partners.CertificationBody, "CN"), "2026-01-01")
	if err := c.CheckApprovals(1, 1); err != nil {
		t.Error(err)
	}
	wantError(t, c.CheckApprovals(1, 2), "auth.forbidden")
	wantError(t, c.CheckApprovals(2, 1), "schema.format /approvals")
}

func TestDirection_JSON(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`"mutual"`:                    `"mutual"`,
		` "mutual" `:                  `"mutual"`,
		`{"from":["CN"],"to":["NZ"]}`: `{"from":["CN"],"to":["NZ"]}`,
		`"both"`:                      "schema.type",
		`5`:                           "schema.type",
		`{"from":["CN"]}`:             "schema.length",
		`{"from":["CN"],"to":[]}`:     "schema.length",
		`{"from":["CN"],"to":["NZ"],"via":["HK"]}`: "schema.unknown_field",
	} {
		var v struct {
			Direction partners.Direction `json:"direction"`
		}
		err := strictjson.Unmarshal([]byte(`{"direction":`+in+`}`), &v)
		if err != nil {
			f, ok := errors.AsType[*fault.Error](err)
			if !ok || string(f.Code) != want || !strings.HasPrefix(f.At, "/direction") {
				t.Errorf("%s: %v, want %s at /direction", in, err, want)
			}
			continue
		}
		out, err := strictjson.CanonicalOf(v.Direction)
		if err != nil || string(out) != want {
			t.Errorf("%s came back as %s (%v), want %s", in, out, err, want)
		}
	}
}
