// Command ferret serves the MongoDB wire protocol for tests, where no MongoDB
// server can be installed: FerretDB over SQLite files, in a module of its own,
// so that nothing of it comes near the gateway.
//
//	ferret -data DIR [-listen 127.0.0.1:0]
//
// It prints "listening ADDRESS" when it answers, and ends when its standard
// input does: a child never outlives the test that started it. SQLite syncs
// every commit, so a killed process keeps what it acknowledged.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"

	"github.com/FerretDB/FerretDB/ferretdb"
)

func main() {
	data := flag.String("data", "", "existing `directory` of the database files")
	listen := flag.String("listen", "127.0.0.1:0", "loopback `address` to listen at; port 0 takes any free one")
	flag.Parse()
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	if err := serve(ctx, *data, *listen); err != nil {
		fmt.Fprintln(os.Stderr, "ferret:", err)
		os.Exit(1)
	}
}

// serve runs FerretDB until ctx ends.
func serve(ctx context.Context, data, listen string) error {
	if data == "" {
		return errors.New("-data is missing")
	}
	if host, _, err := net.SplitHostPort(listen); err != nil || !net.ParseIP(host).IsLoopback() {
		return fmt.Errorf("-listen %q is not an address of the loopback interface", listen)
	}
	dir, err := filepath.Abs(data)
	if err != nil {
		return err
	}
	db, err := ferretdb.New(&ferretdb.Config{
		Listener:  ferretdb.ListenerConfig{TCP: listen},
		Logger:    slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError})),
		Handler:   "sqlite",
		SQLiteURL: (&url.URL{Scheme: "file", Path: dir + "/", OmitHost: true}).String(),
	})
	if err != nil {
		return err
	}
	// New listens already; what connects before Run waits in the queue.
	u, err := url.Parse(db.MongoDBURI())
	if err != nil {
		return err
	}
	fmt.Println("listening", u.Host)
	return db.Run(ctx)
}
