package certs_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"accord/certs"
)

func TestAuthority_comesBackFromPEM(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, now)
	key, err := a.KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	back, err := certs.ParseAuthority(certs.EncodePEM(a.Certificate), key)
	if err != nil || !back.Certificate.Equal(a.Certificate) {
		t.Fatal(err)
	}
	leaf, err := back.IssueSigner("cn-cb", newKey(t).Public(), now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certs.VerifyChain([]*x509.Certificate{leaf}, []certs.Anchor{a.Anchor("ca")}, "cn-cb", now); err != nil {
		t.Error(err)
	}
	other, err := newAuthority(t, now).KeyPEM()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := certs.ParseAuthority(certs.EncodePEM(a.Certificate), other); err == nil {
		t.Error("the key of another authority was accepted")
	}
	if _, err := certs.ParseAuthority(certs.EncodePEM(leaf), key); err == nil {
		t.Error("a leaf was accepted as an authority")
	}
}

func TestAuthority_leavesEndWithIt(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, now)
	late := now.AddDate(9, 6, 0)
	leaf, err := a.IssueSigner("cn-cb", newKey(t).Public(), late)
	if err != nil || leaf.NotAfter.After(a.Certificate.NotAfter) {
		t.Errorf("the leaf ends %s, its authority %s (%v)", leaf.NotAfter, a.Certificate.NotAfter, err)
	}
}

// TestAuthority_certifiesTLS makes a handshake with certificates on both sides.
func TestAuthority_certifiesTLS(t *testing.T) {
	t.Parallel()
	a := newAuthority(t, now)
	pool := x509.NewCertPool()
	pool.AddCert(a.Certificate)
	clock := func() time.Time { return now }
	serverKey, clientKey := newKey(t), newKey(t)
	server, err := a.IssueServer([]string{"gateway.example", "127.0.0.1"}, serverKey.Public(), now)
	if err != nil {
		t.Fatal(err)
	}
	client, err := a.IssueClient("cn-cb", clientKey.Public(), now)
	if err != nil {
		t.Fatal(err)
	}
	near, far := net.Pipe()
	done := make(chan error, 1)
	s := tls.Server(far, &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{server.Raw}, PrivateKey: serverKey}},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: pool, Time: clock,
	})
	go func() {
		err := s.Handshake()
		if err == nil {
			_, err = s.Write([]byte("."))
		}
		done <- err
	}()
	c := tls.Client(near, &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{client.Raw}, PrivateKey: clientKey}},
		RootCAs:      pool, ServerName: "gateway.example", Time: clock,
	})
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Error(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := s.ConnectionState().PeerCertificates[0].URIs[0].String(); got != certs.PartnerURI("cn-cb") {
		t.Errorf("the client is %s", got)
	}
	if server.VerifyHostname("127.0.0.1") != nil || server.VerifyHostname("other.example") == nil {
		t.Error("wrong hosts")
	}
	if _, err := a.IssueServer(nil, serverKey.Public(), now); err == nil {
		t.Error("a server without a host was certified")
	}
}

func TestFiles_areMadeOnceAndReadBack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	a, key := newAuthority(t, now), newKey(t)
	leaf, err := a.IssueSigner("cn-cb", key.Public(), now)
	if err != nil {
		t.Fatal(err)
	}
	keyPath, chainPath := filepath.Join(dir, "key.pem"), filepath.Join(dir, "chain.pem")
	if err := errors.Join(certs.SaveKey(keyPath, key), certs.SaveChain(chainPath, leaf, a.Certificate)); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(keyPath); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if err := certs.SaveKey(keyPath, key); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a key was written over: %v", err)
	}
	gotKey, err := certs.LoadKey(keyPath)
	if err != nil || !key.Equal(gotKey) {
		t.Error(err)
	}
	chain, err := certs.LoadChain(chainPath)
	if err != nil || len(chain) != 2 || !chain[0].Equal(leaf) {
		t.Error(err)
	}
	if _, err := certs.LoadChain(keyPath); err == nil {
		t.Error("a key was read as a certificate")
	}
	if _, err := certs.LoadKey(chainPath); err == nil {
		t.Error("a certificate was read as a key")
	}
	if _, err := certs.LoadKey(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, err := certs.LoadChain(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestParsePEM_refuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing":        "",
		"something else": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
	} {
		if _, err := certs.ParsePEM([]byte(text)); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	if _, err := certs.ParseKeyPEM([]byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")); err == nil {
		t.Error("a broken key was accepted")
	}
}

func TestExpiring_listsTheMostUrgentFirst(t *testing.T) {
	t.Parallel()
	root := issue(t, nil, newKey(t), ca)
	ends := func(d time.Duration) *x509.Certificate {
		return issue(t, root, newKey(t), func(c *x509.Certificate) { c.NotAfter = now.Add(d) }).cert
	}
	soon, ended, far := ends(5*day), ends(-time.Hour), ends(90*day)
	got := certs.Expiring([]*x509.Certificate{far, soon, ended}, now, 30*day)
	if len(got) != 2 || got[0].SHA256 != certs.Fingerprint(ended) || got[1].SHA256 != certs.Fingerprint(soon) {
		t.Fatalf("%+v", got)
	}
	if got[0].Left >= 0 || got[1].Left != 5*day {
		t.Errorf("%+v", got)
	}
}
