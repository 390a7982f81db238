// Command accord is the gateway and everything an operator, an issuer or a
// verifier does with it: one binary, one file for each command (api.md).
//
//	accord demo      two authorities on this machine, the whole way
//	accord init      a new gateway, or the keys of a body without one
//	accord serve     run it
//
// --home is who I am (keys, configuration, archive), --server whom I talk to.
// Results go to standard output, diagnostics to standard error. Exit status:
// 0 passed or done, 1 failed, 2 usage, 3 indeterminate or not found,
// 4 unavailable.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"accord/internal/fault"
)

// The exit statuses of api.md.
const (
	exitOK            = 0
	exitFailed        = 1
	exitUsage         = 2
	exitIndeterminate = 3
	exitUnavailable   = 4
)

// env is what a command may touch of the world; tests bring their own.
type env struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	now    func() time.Time
	format string // text or json
	home   string
	server string
}

// cli is the command line; each field is one command in a file of its own.
type cli struct {
	Home   string  `help:"Who I am: keys, configuration, archive." default:"./accord-home" env:"ACCORD_HOME" type:"path"`
	Server httpURL `help:"Whom I talk to: URL of a gateway." env:"ACCORD_SERVER" placeholder:"URL"`
	Format string  `help:"Form of results: text or json." enum:"text,json" default:"text"`

	Demo        demoCmd        `cmd:"" help:"Two authorities on this machine: a certificate goes the whole way."`
	Init        initCmd        `cmd:"" help:"Make a new gateway, or the keys of a body without one."`
	Serve       serveCmd       `cmd:"" help:"Run the gateway of --home."`
	Token       tokenCmd       `cmd:"" help:"Print a bearer token, for curl."`
	Sign        signCmd        `cmd:"" help:"Sign a document, statement or change as compact JWS."`
	Verify      verifyCmd      `cmd:"" help:"Verify a document or receipt, with or without a server."`
	JWS         jwsCmd         `cmd:"" name:"jws" help:"The bare JWS check."`
	Validate    validateCmd    `cmd:"" help:"List the findings of a document."`
	Inspect     inspectCmd     `cmd:"" help:"Show a document to a human."`
	Convert     convertCmd     `cmd:"" help:"Convert a document, with a loss report."`
	Import      importCmd      `cmd:"" help:"Bring the records of a register into --server."`
	Submit      submitCmd      `cmd:"" help:"Submit a signed document to --server."`
	Pull        pullCmd        `cmd:"" help:"Pull the feed of --server, into a directory or another gateway."`
	Get         getCmd         `cmd:"" help:"Fetch a document from --server."`
	Status      statusCmd      `cmd:"" help:"Read a status, or sign and send a statement."`
	Evaluate    evaluateCmd    `cmd:"" help:"Is a document recognised, by whom, for what?"`
	Routes      routesCmd      `cmd:"" help:"Which bodies may attest what for whom?"`
	Partner     partnerCmd     `cmd:"" help:"Manage partners."`
	Agreement   agreementCmd   `cmd:"" help:"Manage agreements."`
	Designation designationCmd `cmd:"" help:"Manage designations."`
	Sanction    sanctionCmd    `cmd:"" help:"Manage sanctions."`
	Keys        keysCmd        `cmd:"" help:"Manage the keys of --home."`
	Ledger      ledgerCmd      `cmd:"" help:"Check, close or unlock the ledger of --home."`
	Archive     archiveCmd     `cmd:"" help:"Verify, rebuild or export the archive of --home."`
	Bench       benchCmd       `cmd:"" help:"Load a gateway and compare with the machine's own crypto."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}

// run is main without the process, so that tests call it too.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var c cli
	exit := -1
	parser, err := newParser(&c, stdout, stderr, func(code int) { exit = code })
	if err != nil {
		fmt.Fprintln(stderr, "accord:", err)
		return exitUsage
	}
	kctx, err := parser.Parse(args)
	if exit >= 0 { // --help
		return exit
	}
	if err != nil {
		// kong calls what it reads into our types "value".
		parser.Errorf("%s", strings.ReplaceAll(err.Error(), "expected value value", "expected a value"))
		fmt.Fprintln(stderr, "Try: "+helpCall(err))
		return exitUsage
	}
	e := &env{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr, now: time.Now, format: c.Format, home: c.Home, server: string(c.Server)}
	if err := kctx.Run(e); err != nil {
		return report(e, err)
	}
	return exitOK
}

func newParser(c *cli, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("accord"),
		kong.Description("A gateway through which authorities exchange conformity-assessment documents.\n\nExample: accord demo"),
		kong.Writers(stdout, stderr),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true}),
		kong.Exit(exit),
	)
}

// helpCall is how to ask for help about the command that was meant.
func helpCall(err error) string {
	var bad *kong.ParseError
	if errors.As(err, &bad) && bad.Context != nil {
		if node := bad.Context.Selected(); node != nil {
			return node.FullPath() + " --help"
		}
	}
	return "accord --help"
}

// statusError ends a command with a status when its result was already
// written.
type statusError int

func (s statusError) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// usageError is a mistake in the words of a call.
type usageError string

func (u usageError) Error() string { return string(u) }

// exitStatus maps a code to the exit statuses of api.md, by the one table.
func exitStatus(code fault.Code, status int) int {
	switch {
	case code == fault.ResourceNotFound:
		return exitIndeterminate
	case status == 503 || status == 507 || status == 429:
		return exitUnavailable
	default:
		return exitFailed
	}
}
