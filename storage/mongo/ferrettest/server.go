package ferrettest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/sys/unix"
)

// startLimit bounds how long the child may take to answer: it takes 30 ms on an
// idle machine.
const startLimit = 30 * time.Second

// Server is a child process over a directory of its own. Its methods may be
// called from any goroutine, one at a time.
type Server struct {
	bin, dir string

	mu      sync.Mutex
	addr    string     // empty before the first start
	process *exec.Cmd  // nil while it is down
	stdin   io.Closer  // the child ends when it closes
	ended   chan error // receives the child's end, once
}

// Start builds the server if needed and starts it on an empty directory. The
// test's end kills it; a server that ended by itself fails the test.
func Start(tb testing.TB) *Server {
	tb.Helper()
	bin, err := binary()
	if err != nil {
		tb.Fatal(err)
	}
	s := &Server{bin: bin, dir: tb.TempDir()}
	if err := s.start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Kill(); err != nil {
			tb.Error(err)
		}
		if tb.Failed() {
			tb.Logf("FerretDB wrote:\n%s", s.log())
		}
	})
	return s
}

// Addr returns host and port; they are the same for the server's life.
func (s *Server) Addr() string { return s.addr }

// URI returns the connection string of the server as it is: standalone.
func (s *Server) URI() string { return "mongodb://" + s.addr + "/" }

// Kill ends the process at once (SIGKILL) and waits for its end. A server that
// is down stays so. The error says that it had ended by itself.
func (s *Server) Kill() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kill()
}

// Stop halts the process (SIGSTOP): connections stay open and nothing answers
// from the return on.
func (s *Server) Stop() error {
	if err := s.signal(syscall.SIGSTOP); err != nil {
		return err
	}
	// The signal works when the process is next scheduled; WNOWAIT leaves the
	// news of its end to the goroutine that waits for that.
	for {
		err := unix.Waitid(unix.P_PID, s.process.Process.Pid, nil, unix.WSTOPPED|unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Continue ends a Stop (SIGCONT).
func (s *Server) Continue() error { return s.signal(syscall.SIGCONT) }

// Restart kills the process, if it runs, and starts one on the same files and
// port. It returns when the new one answers.
func (s *Server) Restart() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(s.kill(), s.startLocked())
}

func (s *Server) start() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.startLocked()
}

func (s *Server) startLocked() error {
	listen := s.addr
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	stderr, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer stderr.Close() // the child has its own descriptor
	cmd := exec.Command(s.bin, "-data", s.dir, "-listen", listen)
	cmd.Stderr = stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start FerretDB: %w", err)
	}
	line, readErr := bufio.NewReader(stdout).ReadString('\n')
	s.process, s.stdin, s.ended = cmd, stdin, make(chan error, 1)
	go func(ended chan<- error) { ended <- cmd.Wait() }(s.ended)
	addr, ok := strings.CutPrefix(strings.TrimSpace(line), "listening ")
	if !ok {
		return errors.Join(fmt.Errorf("FerretDB did not start: %v: %s", readErr, s.log()), s.kill())
	}
	s.addr = addr
	if err := s.answers(); err != nil {
		return errors.Join(err, s.kill())
	}
	return nil
}

// answers waits until a command is answered.
func (s *Server) answers() error {
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	client, err := mongo.Connect(options.Client().ApplyURI(s.URI()))
	if err != nil {
		return err
	}
	err = client.Ping(ctx, nil)
	if err != nil {
		err = fmt.Errorf("FerretDB at %s does not answer: %w", s.addr, err)
	}
	return errors.Join(err, client.Disconnect(ctx))
}

func (s *Server) kill() error {
	if s.process == nil {
		return nil
	}
	var early error
	select {
	case err := <-s.ended:
		early = fmt.Errorf("FerretDB had ended by itself: %v", err)
	default:
		if err := s.process.Process.Kill(); err != nil {
			return err
		}
		<-s.ended
	}
	_ = s.stdin.Close()
	s.process = nil
	return early
}

func (s *Server) signal(sig os.Signal) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return errors.New("FerretDB is down")
	}
	return s.process.Process.Signal(sig)
}

func (s *Server) logFile() string { return filepath.Join(s.dir, "stderr.log") }

// log returns the last of what the processes wrote to standard error.
func (s *Server) log() string {
	const last = 4 << 10
	b, err := os.ReadFile(s.logFile())
	if err != nil {
		return err.Error()
	}
	return string(b[max(0, len(b)-last):])
}
