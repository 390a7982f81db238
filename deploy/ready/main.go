// Command ready asks one URL and ends with status 0 when it answers 200, else
// with 1: the health check of the container image, which has no shell and no
// other program that could ask.
//
//	ready https://127.0.0.1:8443/readyz
package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"time"
)

// patience is how long the answer may take: below the timeout that the image
// gives its health check, so that it is we who say what is wrong.
const patience = 4 * time.Second

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "Usage: ready URL")
		os.Exit(2)
	}
	if err := ask(context.Background(), os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "ready:", err)
		os.Exit(1)
	}
}

// ask returns nil when the URL, which must be of this machine, answers 200. The
// error says what else it answered, or why nobody did.
func ask(ctx context.Context, target string) error {
	u, err := url.Parse(target)
	if err != nil {
		return fmt.Errorf("read the URL: %w", err)
	}
	if !isLoopback(u.Hostname()) {
		return fmt.Errorf("%s is not a loopback address", u.Host)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, target, nil)
	if err != nil {
		return fmt.Errorf("read the URL: %w", err)
	}
	client := http.Client{Transport: &http.Transport{
		DialContext: (&net.Dialer{}).DialContext,
		// The certificate is for the gateway's public name, not for the loopback
		// address; nothing secret is sent, and who answers there is on this
		// machine already.
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12},
		DisableKeepAlives: true,
	}}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		detail, _ := io.ReadAll(io.LimitReader(res.Body, 1<<10)) // the status says enough
		return fmt.Errorf("%s: %s", res.Status, detail)
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}
