package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"accord/client"
)

// pullCmd pulls the feed.
type pullCmd struct {
	Since string        `help:"Cursor to go on from; default is where the last pull of this home ended." placeholder:"CURSOR"`
	Out   string        `help:"Write each entry and its document into this directory." placeholder:"DIR"`
	Into  string        `help:"Post what was pulled to this gateway of mine, as coming from --as." placeholder:"URL"`
	As    string        `help:"Partner id of the gateway that was pulled (with --into)." placeholder:"PARTNER"`
	Wait  time.Duration `help:"Wait that long for something new."`
}

// Help shows an example.
func (pullCmd) Help() string {
	return "Example: accord pull --home ./nz --server http://127.0.0.1:8081 --into http://127.0.0.1:8082 --as cn-authority"
}

// Run pulls until the feed is at its end.
func (c *pullCmd) Run(e *env) error {
	if (c.Into == "") != (c.As == "") {
		return usageError("--into needs --as, the partner id of the gateway that is pulled")
	}
	cl, err := e.client(false)
	if err != nil {
		return err
	}
	var into *client.Client
	if c.Into != "" {
		if into, err = e.clientOf(c.Into, true); err != nil {
			return err
		}
	}
	state := home(e.home).path("cursor-" + fileName(e.server))
	cursor := c.Since
	if cursor == "" && c.Into != "" {
		saved, _ := os.ReadFile(state) // no file: from the beginning
		cursor = string(saved)
	}
	sum := pullResult{Cursor: cursor}
	for {
		page, err := cl.Changes(e.ctx, client.FeedQuery{Cursor: cursor, Limit: 200, Wait: c.Wait, Include: "document,message,receipt"})
		if err != nil {
			return err
		}
		if err := c.take(e, into, page, &sum); err != nil {
			return err
		}
		cursor, sum.Cursor = page.Next, page.Next
		if c.Into != "" && sum.Refused == 0 {
			if err := os.WriteFile(state, []byte(cursor), 0o600); err != nil {
				return fmt.Errorf("save cursor: %w", err)
			}
		}
		if len(page.Lines) == 0 || c.Wait > 0 || len(page.Lines) < 200 {
			break
		}
	}
	if e.format == "json" {
		err = e.printJSON(sum)
	} else {
		e.printf("%d entries pulled", sum.Entries)
		if into != nil {
			e.printf(", %d posted, %d there already, %d refused", sum.Posted, sum.Replayed, sum.Refused)
		}
		e.printf("\ncursor %s\n", sum.Cursor)
	}
	if err == nil && sum.Refused > 0 {
		return statusError(exitFailed)
	}
	return err
}

type pullResult struct {
	Entries  int    `json:"entries"`
	Posted   int    `json:"posted"`
	Replayed int    `json:"replayed"`
	Refused  int    `json:"refused"`
	Cursor   string `json:"cursor"`
}

func (c *pullCmd) take(e *env, into *client.Client, page *client.FeedPage, sum *pullResult) error {
	sum.Entries += len(page.Lines)
	if c.Out != "" {
		if err := os.MkdirAll(c.Out, 0o700); err != nil {
			return fmt.Errorf("make %s: %w", c.Out, err)
		}
		for _, l := range page.Lines {
			if err := os.WriteFile(filepath.Join(c.Out, fmt.Sprintf("%012d-%s.json", l.Index, l.Kind)), l.Raw, 0o600); err != nil {
				return fmt.Errorf("write entry: %w", err)
			}
		}
	}
	if into == nil {
		return nil
	}
	lines, err := page.Relay()
	if err != nil {
		return err
	}
	return into.Batch(e.ctx, c.As, lines, func(r client.LineResult) error {
		switch {
		case r.Problem != nil:
			sum.Refused++
			e.notef("line %d: %v\n", r.Line, r.Problem)
		case r.Status == 200:
			sum.Replayed++
		default:
			sum.Posted++
		}
		return nil
	})
}

// fileName makes a file name of a URL.
func fileName(u string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(":/?#", r) {
			return '_'
		}
		return r
	}, u)
}
