package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"accord/attestation"
	"accord/client"
	"accord/formats/native"
	"accord/signing"
)

// benchWorld is the gateway under load and the partner that loads it.
type benchWorld struct {
	dir    string // of an own gateway; empty with --server
	server *exec.Cmd
	url    string // where to connect
	issuer string // audience of tokens
	body   home
	doc    *signing.Signer
	token  string
	until  time.Time
	sub    *attestation.Submission
	serial int
	prefix string // of the numbers of this run
}

func (c *benchCmd) world(e *env) (*benchWorld, error) {
	w := &benchWorld{url: e.server, body: home(e.home), prefix: "BENCH-" + strconv.FormatInt(time.Now().UnixNano(), 36) + "-"}
	var err error
	switch {
	case c.Peer != "":
		err = w.peer(c)
	case e.server == "":
		err = w.own(e)
	default:
		var conf *client.Configuration
		var cl *client.Client
		if cl, err = client.New(e.server, "", nil, nil); err == nil {
			if conf, err = cl.Discover(e.ctx); err == nil {
				w.issuer = conf.Issuer
			}
		}
	}
	if err == nil && w.doc == nil {
		w.doc, err = w.body.key(signing.UseDoc)
	}
	if err == nil {
		w.sub, err = benchDocument()
	}
	if err != nil {
		w.close()
		return nil, err
	}
	return w, nil
}

// own makes a gateway and a body in a directory of their own and starts the
// gateway as a child process, so that its memory can be read.
func (w *benchWorld) own(e *env) error {
	var err error
	if w.dir, err = benchDir(); err != nil {
		return err
	}
	if w.dir, err = filepath.Abs(w.dir); err != nil {
		return fmt.Errorf("make directory for the bench: %w", err)
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	w.issuer = "http://127.0.0.1:" + strconv.Itoa(port)
	w.url = w.issuer
	gateway := filepath.Join(w.dir, "gateway")
	w.body = home(filepath.Join(w.dir, "body"))
	quiet := func(args ...string) error {
		if status := run(e.ctx, args, strings.NewReader(""), io.Discard, e.stderr); status != exitOK {
			return fmt.Errorf("accord %s ended with status %d", strings.Join(args, " "), status)
		}
		return nil
	}
	if err := errors.Join(
		quiet("init", "--home", gateway, "--authority", "CN", "--url", w.issuer),
		quiet("init", "--home", string(w.body), "--partner", "bench-body", "--identifier", "cn.cnca.approval=CNCA-R-2002-998"),
	); err != nil {
		return err
	}
	// Quotas are not what is measured.
	if err := appendLimits(filepath.Join(gateway, "accord.yaml")); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find own binary: %w", err)
	}
	w.server = exec.Command(self, "serve", "--home", gateway)
	w.server.Stderr = os.Stderr
	if err := w.server.Start(); err != nil {
		return fmt.Errorf("start gateway: %w", err)
	}
	if err := waitFor(w.url); err != nil {
		return err
	}
	return quiet("partner", "add", "--home", gateway, "--server", w.url, w.body.path("partner.json"))
}

func appendLimits(path string) error {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("set limits: %w", err)
	}
	_, err = f.WriteString("limits:\n  in_flight: 1024\n  partner_rate: 0\n  public_rate: 0\n")
	return errors.Join(err, f.Close())
}

// peer makes keys for the peer server, which is started by bench/peers.
func (w *benchWorld) peer(c *benchCmd) error {
	var err error
	if w.doc, err = signing.GenerateSigner(signing.ES256, signing.UseDoc); err != nil {
		return err
	}
	auth, err := signing.GenerateSigner(signing.ES256, signing.UseAuth)
	if err != nil {
		return err
	}
	w.url, w.issuer = c.Peer, c.Peer
	keys, err := json.Marshal(map[string]any{
		"audience": c.Peer, "doc": json.RawMessage(w.doc.Key().JWK()), "auth": json.RawMessage(auth.Key().JWK()),
	})
	if err != nil {
		return fmt.Errorf("encode keys: %w", err)
	}
	if err := os.WriteFile(c.PeerKeys, keys, 0o600); err != nil {
		return fmt.Errorf("write keys: %w", err)
	}
	w.token, err = client.NewToken(client.Identity{Issuer: "urn:accord:partner:bench-body", Key: auth}, w.issuer, time.Now())
	w.until = time.Now().Add(4 * time.Minute)
	return errors.Join(err, waitFor(w.url))
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func waitFor(url string) error {
	host := strings.TrimPrefix(url, "http://")
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", host); err == nil {
			return conn.Close()
		}
	}
	return fmt.Errorf("nothing listens at %s", url)
}

// bearer returns a token that outlives a part.
func (w *benchWorld) bearer() (string, error) {
	if w.token != "" && time.Now().Before(w.until) {
		return w.token, nil
	}
	who, err := w.body.identity(false)
	if err != nil {
		return "", err
	}
	w.token, err = client.NewToken(*who, w.issuer, time.Now())
	w.until = time.Now().Add(4 * time.Minute)
	return w.token, err
}

// memory returns the highest resident size of the own gateway, in octets.
func (w *benchWorld) memory() int64 {
	if w.server == nil {
		return 0
	}
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", w.server.Process.Pid))
	if err != nil {
		return 0
	}
	defer f.Close()
	for scan := bufio.NewScanner(f); scan.Scan(); {
		if v, ok := strings.CutPrefix(scan.Text(), "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			if err != nil {
				return 0
			}
			return kb << 10
		}
	}
	return 0
}

func (w *benchWorld) close() {
	if w.server != nil {
		_ = w.server.Process.Kill() // it may be gone
		_ = w.server.Wait()
	}
	if w.dir != "" {
		_ = os.RemoveAll(w.dir) // what is left is named by its directory
	}
}

// benchDocument is the demo's certificate, voluntary and with more models, so
// that it has about 4 KB.
func benchDocument() (*attestation.Submission, error) {
	raw, err := demoFiles.ReadFile("demodata/ccc-vacuum.json")
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	sub, err := native.DecodeJSON(raw)
	if err != nil {
		return nil, err
	}
	sub.Issuer.Identifiers = []attestation.Identifier{{Scheme: "cn.cnca.approval", Value: "CNCA-R-2002-998"}}
	sub.Regime = "voluntary"
	for i := 0; len(native.AppendJSON(nil, sub)) < 4<<10; i++ {
		sub.Objects[0].Models = append(sub.Objects[0].Models, attestation.Model{Model: fmt.Sprintf("BX-%04d", i)})
	}
	return sub, nil
}
