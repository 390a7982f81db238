package bitstring_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"accord/formats/bitstring"
	"accord/internal/fault"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func codeOf(err error) bitstring.Code {
	e, ok := errors.AsType[*bitstring.Error](err)
	if !ok {
		return ""
	}
	return e.Code
}

// TestList_firstIsLeftMost is the rule of section 3.3 by hand.
func TestList_firstIsLeftMost(t *testing.T) {
	t.Parallel()
	l, err := bitstring.New(0, 1)
	require.NoError(t, err)
	require.EqualValues(t, bitstring.MinEntries, l.Len())
	require.NoError(t, l.Set(0, 1))
	require.NoError(t, l.Set(9, 1))
	text, err := l.Encode()
	require.NoError(t, err)
	packed, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text, "u"))
	require.NoError(t, err)
	r, err := gzip.NewReader(bytes.NewReader(packed))
	require.NoError(t, err)
	head := make([]byte, 3)
	_, err = r.Read(head)
	require.NoError(t, err)
	require.Equal(t, []byte{0x80, 0x40, 0}, head)
	again, err := l.Encode()
	require.NoError(t, err)
	require.Equal(t, text, again)
	require.Equal(t, time.Time{}, r.ModTime)
}

func TestList_roundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 8).Draw(t, "size")
		l, err := bitstring.New(bitstring.MinEntries+rapid.Uint64Range(0, 1000).Draw(t, "more"), size)
		require.NoError(t, err)
		want := map[uint64]uint64{}
		for range 20 {
			i := rapid.Uint64Range(0, l.Len()-1).Draw(t, "index")
			want[i] = rapid.Uint64Range(0, 1<<size-1).Draw(t, "value")
			require.NoError(t, l.Set(i, want[i]))
		}
		text, err := l.Encode()
		require.NoError(t, err)
		again, err := bitstring.Decode(text, size)
		require.NoError(t, err)
		for i, v := range want {
			got, err := again.At(i)
			require.NoError(t, err)
			require.Equal(t, v, got)
		}
	})
}

func pack(octets []byte) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(octets)
	_ = w.Close()
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes())
}

func TestDecode_refuses(t *testing.T) {
	t.Parallel()
	good := pack(make([]byte, 16<<10))
	for name, test := range map[string]struct {
		text string
		size int
		code bitstring.Code
	}{
		"good":                     {good, 1, ""},
		"too few for two bits":     {good, 2, bitstring.ListLengthError},
		"too short":                {pack(make([]byte, 16<<10-1)), 1, bitstring.ListLengthError},
		"empty":                    {"", 1, bitstring.MalformedValue},
		"no multibase":             {good[1:], 1, bitstring.MalformedValue},
		"another multibase":        {"z" + good[1:], 1, bitstring.MalformedValue},
		"padding":                  {good + "=", 1, bitstring.MalformedValue},
		"line end":                 {good[:20] + "\n" + good[20:], 1, bitstring.MalformedValue},
		"no gzip":                  {"uAAAA", 1, bitstring.MalformedValue},
		"cut off":                  {good[:len(good)-8], 1, bitstring.MalformedValue},
		"a second member":          {"u" + base64.RawURLEncoding.EncodeToString(append(unpacked(t, good), unpacked(t, good)...)), 1, bitstring.MalformedValue},
		"a bomb":                   {pack(make([]byte, bitstring.MaxOctets+1)), 1, bitstring.MalformedValue},
		"as much as there may be":  {pack(make([]byte, bitstring.MaxOctets)), 1, ""},
		"entries of no bits":       {good, 0, bitstring.MalformedValue},
		"entries of too many bits": {good, 9, bitstring.MalformedValue},
	} {
		_, err := bitstring.Decode(test.text, test.size)
		require.Equal(t, test.code, codeOf(err), "%s: %v", name, err)
	}
}

func unpacked(t testing.TB, text string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(text[1:])
	require.NoError(t, err)
	return b
}

func TestErrors_haveTheTypesOfTheSpecification(t *testing.T) {
	t.Parallel()
	for code, want := range map[bitstring.Code]string{
		bitstring.RetrievalError:    "https://www.w3.org/ns/credentials/status-list#STATUS_RETRIEVAL_ERROR",
		bitstring.VerificationError: "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR",
		bitstring.ListLengthError:   "https://www.w3.org/ns/credentials/status-list#STATUS_LIST_LENGTH_ERROR",
		bitstring.RangeError:        "https://www.w3.org/ns/credentials/status-list#RANGE_ERROR",
		bitstring.MalformedValue:    "https://www.w3.org/ns/credentials/status-list#MALFORMED_VALUE_ERROR",
	} {
		require.Equal(t, want, code.Type())
	}
}

const entryText = `{"type":"BitstringStatusListEntry","statusPurpose":"suspension","statusListIndex":"94567","statusListCredential":"https://cb.example.cn/status/4"}`

func entries(t testing.TB, status string) ([]bitstring.Entry, error) {
	t.Helper()
	return bitstring.Entries([]byte(`{"credentialStatus":` + status + `}`))
}

func TestEntries_readsBothSpellings(t *testing.T) {
	t.Parallel()
	want := bitstring.Entry{Purpose: "suspension", Index: 94567, List: "https://cb.example.cn/status/4", Size: 1}
	for _, text := range []string{entryText, strings.Replace(entryText, `"94567"`, `94567`, 1), "[" + entryText + "]", `[{"type":"Other"},` + entryText + "]"} {
		got, err := entries(t, text)
		require.NoError(t, err)
		require.Equal(t, []bitstring.Entry{want}, got)
	}
	none, err := bitstring.Entries([]byte(`{}`))
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestEntries_refuses(t *testing.T) {
	t.Parallel()
	for old, changed := range map[string]string{
		`"94567"`:                      `"-1"`,
		`"94567",`:                     `"094567",`,
		`:"94567"`:                     `:1.5`,
		`"statusListIndex"`:            `"index"`,
		`"https://cb.example.cn`:       `"cb.example.cn`,
		`"suspension"`:                 `7`,
		`"suspension",`:                `"message",`,
		`"statusPurpose"`:              `"statusSize":2,"statusPurpose"`,
		`,"statusPurpose":`:            `,"statusSize":0,"statusPurpose":`,
		`"statusPurpose":"suspension"`: `"statusPurpose":"suspension","statusMessage":[{"status":"0x0"}]`,
		`"type":`:                      `"statusMessage":[{"status":"0x0"},{"status":"0x0"}],"type":`,
	} {
		_, err := entries(t, strings.Replace(entryText, old, changed, 1))
		require.Equal(t, bitstring.MalformedValue, codeOf(err), "%s: %v", changed, err)
		require.NotEqual(t, fault.Internal, fault.CodeOf(err))
	}
}

func listCredential(t testing.TB, marked ...uint64) *bitstring.Credential {
	t.Helper()
	l, err := bitstring.New(0, 1)
	require.NoError(t, err)
	for _, i := range marked {
		require.NoError(t, l.Set(i, 1))
	}
	text, err := l.Encode()
	require.NoError(t, err)
	return &bitstring.Credential{
		ID: "https://cb.example.cn/status/4", Issuer: "did:web:cb.example.cn", Purposes: []bitstring.Purpose{"suspension"},
		ValidFrom: now.Add(-time.Minute), ValidUntil: now.Add(time.Hour), TTL: 5 * time.Minute, Encoded: text,
	}
}

func TestCredential_roundTrip(t *testing.T) {
	t.Parallel()
	for _, purposes := range [][]bitstring.Purpose{{"suspension"}, {"suspension", "revocation"}} {
		c := listCredential(t, 1, 2, 3)
		c.Purposes = purposes
		again, err := bitstring.Parse(c.Append(nil))
		require.NoError(t, err)
		require.Equal(t, c, again)
	}
}

func TestCheck_tellsTheStatus(t *testing.T) {
	t.Parallel()
	e, err := entries(t, entryText)
	require.NoError(t, err)
	good := func() *bitstring.Credential { return listCredential(t, 94567) }
	s, err := bitstring.Check(&e[0], good(), now)
	require.NoError(t, err)
	require.True(t, s.Set() && s.Invalidates())
	other := e[0]
	other.Index++
	s, err = bitstring.Check(&other, good(), now)
	require.NoError(t, err)
	require.False(t, s.Set())
	other.Index = bitstring.MinEntries
	_, err = bitstring.Check(&other, good(), now)
	require.Equal(t, bitstring.RangeError, codeOf(err))
	for name, change := range map[string]func(*bitstring.Credential){
		"another purpose": func(c *bitstring.Credential) { c.Purposes = []bitstring.Purpose{"revocation"} },
		"another list":    func(c *bitstring.Credential) { c.ID = "https://evil.example/status/4" },
		"stale":           func(c *bitstring.Credential) { c.ValidUntil = now },
		"of the future":   func(c *bitstring.Credential) { c.ValidFrom = now.Add(time.Hour) },
	} {
		c := good()
		change(c)
		_, err := bitstring.Check(&e[0], c, now)
		require.Equal(t, bitstring.VerificationError, codeOf(err), name)
	}
}

func TestCheck_message(t *testing.T) {
	t.Parallel()
	e, err := entries(t, `{"type":"BitstringStatusListEntry","statusPurpose":"message","statusSize":2,"statusListIndex":"7",
		"statusListCredential":"https://cb.example.cn/status/5","statusReference":"https://cb.example.cn/words",
		"statusMessage":[{"status":"0x0","message":"fine"},{"status":"0x2","message":"late"},{"status":"0x1","message":"on hold"},{"status":"0x3","message":"lost"}]}`)
	require.NoError(t, err)
	l, err := bitstring.New(0, 2)
	require.NoError(t, err)
	require.NoError(t, l.Set(7, 2))
	text, err := l.Encode()
	require.NoError(t, err)
	s, err := bitstring.Check(&e[0], &bitstring.Credential{Purposes: []bitstring.Purpose{"message"}, Encoded: text}, now)
	require.NoError(t, err)
	require.Equal(t, "late", s.Message)
	require.EqualValues(t, 2, s.Value)
	require.False(t, s.Invalidates())
}

func TestClient_fetchesKeepsAndForgets(t *testing.T) {
	t.Parallel()
	e, err := entries(t, entryText)
	require.NoError(t, err)
	var asked []string
	at := now
	marked := []uint64{94567}
	c := &bitstring.Client{
		Fetch: func(_ context.Context, url string) ([]byte, error) {
			asked = append(asked, url)
			c := listCredential(t, marked...)
			c.ValidFrom, c.ValidUntil = time.Time{}, time.Time{}
			return c.Append([]byte("signed:")), nil
		},
		Verify: func(_ context.Context, _ string, raw []byte) ([]byte, error) {
			return bytes.TrimPrefix(raw, []byte("signed:")), nil
		},
		Now: func() time.Time { return at },
	}
	for range 3 {
		s, err := c.Check(context.Background(), &e[0])
		require.NoError(t, err)
		require.True(t, s.Set())
	}
	require.Len(t, asked, 1)
	at, marked = now.Add(5*time.Minute), nil
	s, err := c.Check(context.Background(), &e[0])
	require.NoError(t, err)
	require.False(t, s.Set())
	require.Len(t, asked, 2)
	_, err = c.CheckAt(context.Background(), &e[0], now.Add(-time.Hour))
	require.NoError(t, err)
	require.Equal(t, "https://cb.example.cn/status/4?timestamp=2026-03-01T11%3A00%3A00Z", asked[2])
}

func TestClient_saysWhatWentWrong(t *testing.T) {
	t.Parallel()
	e, err := entries(t, entryText)
	require.NoError(t, err)
	nothing := func(context.Context, string) ([]byte, error) { return nil, errors.New("no route") }
	something := func(context.Context, string) ([]byte, error) { return []byte("{}"), nil }
	refuse := func(context.Context, string, []byte) ([]byte, error) { return nil, errors.New("forged") }
	pass := func(_ context.Context, _ string, raw []byte) ([]byte, error) { return raw, nil }
	for _, test := range []struct {
		client *bitstring.Client
		code   bitstring.Code
		fault  fault.Code
	}{
		{&bitstring.Client{Fetch: nothing, Verify: pass}, bitstring.RetrievalError, fault.HTTPUnavailable},
		{&bitstring.Client{Fetch: something, Verify: refuse}, bitstring.VerificationError, fault.JWSSignatureInvalid},
		{&bitstring.Client{Fetch: something, Verify: pass}, bitstring.MalformedValue, fault.SchemaFormat},
	} {
		_, err := test.client.Check(context.Background(), &e[0])
		require.Equal(t, test.code, codeOf(err))
		require.Equal(t, test.fault, fault.CodeOf(err))
	}
}

func FuzzParse(f *testing.F) {
	f.Add(string(listCredential(f, 5).Append(nil)), uint64(5))
	f.Add(`{"type":["BitstringStatusListCredential"],"credentialSubject":{"type":"BitstringStatusList","statusPurpose":["a"],"encodedList":"u"}}`, uint64(1))
	f.Fuzz(func(t *testing.T, src string, index uint64) {
		c, err := bitstring.Parse([]byte(src))
		if err != nil {
			require.Equal(t, bitstring.MalformedValue, codeOf(err))
			return
		}
		e := bitstring.Entry{Purpose: c.Purposes[0], Index: index, List: c.ID, Size: 1}
		if _, err := bitstring.Check(&e, c, now); err != nil {
			require.NotEmpty(t, codeOf(err), fmt.Sprint(err))
		}
	})
}

func FuzzEntries(f *testing.F) {
	f.Add(`{"credentialStatus":` + entryText + `}`)
	f.Add(`{"credentialStatus":[{"type":["BitstringStatusListEntry"],"statusMessage":[1]}]}`)
	f.Fuzz(func(t *testing.T, src string) {
		if _, err := bitstring.Entries([]byte(src)); err != nil {
			require.Equal(t, bitstring.MalformedValue, codeOf(err))
		}
	})
}

func BenchmarkCheck(b *testing.B) {
	c := listCredential(b, 94567)
	e := bitstring.Entry{Purpose: "suspension", Index: 94567, List: c.ID, Size: 1}
	for b.Loop() {
		if _, err := bitstring.Check(&e, c, now); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	l, err := bitstring.New(0, 1)
	if err != nil {
		b.Fatal(err)
	}
	for i := uint64(0); i < l.Len(); i += 97 {
		_ = l.Set(i, 1)
	}
	for b.Loop() {
		if _, err := l.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}
