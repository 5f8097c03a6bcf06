package gatewaysim

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"pigonair/payment/portone"
)

const (
	// keyLife is how long the answer to an idempotency key is kept.
	keyLife = 3 * time.Hour
	// maxKeys bounds the answers that are kept at one time.
	maxKeys = 1_000_000

	maxRequestBody = 64 << 10
)

// request is a call to the REST API, after authentication.
type request struct {
	op        string
	paymentID string
	query     string // the list's particulars
	body      []byte
	key       string // idempotency key; empty: none
	hash      string // of everything that has to be the same for the same key
	refused   bool   // the bank shall say no
	now       time.Time
}

// reply is the answer to a call.
type reply struct {
	status int
	body   any
}

// operation decides what a call does. It runs with mu held and must not block.
type operation func(q request) (reply, change)

func failure(status int, kind, message string) reply {
	return reply{status, map[string]string{"type": kind, "message": message}}
}

func providerFailure(code, message string) reply {
	return reply{http.StatusBadGateway, map[string]string{
		"type": portone.TypeProvider, "message": message, "pgCode": code, "pgMessage": message,
	}}
}

// call makes a handler of an operation.
func (s *Sim) call(op string, run operation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q, refusal := s.readRequest(op, w, r)
		if refusal != nil {
			s.write(w, *refusal)
			return
		}
		s.perform(w, q, run)
	})
}

// readRequest authenticates a call and reads it whole.
func (s *Sim) readRequest(op string, w http.ResponseWriter, r *http.Request) (request, *reply) {
	refuse := func(status int, kind, message string) (request, *reply) {
		f := failure(status, kind, message)
		return request{}, &f
	}
	want := "PortOne " + s.cfg.APISecret
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(want)) != 1 {
		return refuse(http.StatusUnauthorized, portone.TypeUnauthorized, "wrong API secret")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err != nil {
		return refuse(http.StatusBadRequest, portone.TypeInvalidRequest, "unreadable or too long body")
	}
	q := request{op: op, paymentID: r.PathValue("id"), body: body, query: r.URL.Query().Get("requestBody")}
	storeID, err := storeOf(r, q)
	if err != nil {
		return refuse(http.StatusBadRequest, portone.TypeInvalidRequest, "the body is not a JSON object")
	}
	if storeID != "" && storeID != s.cfg.StoreID {
		return refuse(http.StatusForbidden, portone.TypeForbidden, "another store")
	}
	if header := r.Header.Get("Idempotency-Key"); header != "" && r.Method != http.MethodGet {
		key, ok := quotedKey(header)
		if !ok {
			return refuse(http.StatusBadRequest, portone.TypeInvalidRequest, "malformed Idempotency-Key")
		}
		sum := sha256.Sum256([]byte(r.Method + " " + r.URL.Path + "\n" + string(body)))
		q.key, q.hash = key, hex.EncodeToString(sum[:])
	}
	return q, nil
}

// storeOf finds the store that a call names, in its query or its body.
func storeOf(r *http.Request, q request) (string, error) {
	raw := q.body
	if r.Method == http.MethodGet {
		if q.query == "" {
			return r.URL.Query().Get("storeId"), nil
		}
		raw = []byte(q.query)
	}
	if len(raw) == 0 {
		return "", nil
	}
	var body struct {
		StoreID string `json:"storeId"`
	}
	err := json.Unmarshal(raw, &body)
	return body.StoreID, err
}

// quotedKey takes the quotes off an idempotency key.
func quotedKey(header string) (string, bool) {
	key, opened := strings.CutPrefix(header, `"`)
	key, closed := strings.CutSuffix(key, `"`)
	return key, opened && closed && portone.ValidIdempotencyKey(key)
}

// perform answers a call, unless the connection is to break instead.
func (s *Sim) perform(w http.ResponseWriter, q request, run operation) {
	f, earlier := s.begin(q)
	if earlier != nil {
		s.write(w, *earlier)
		return
	}
	done, answered := s.carryOut(q, f, run)
	// However long a call hangs, its key is outstanding, but no longer than
	// until the caller can know.
	s.finish(q.key)
	if answered {
		s.write(w, done)
	} else {
		s.breakOff(w)
	}
}

// carryOut does what a call asks for, with what is chosen to go wrong with it;
// false: there shall be no answer.
func (s *Sim) carryOut(q request, f fault, run operation) (done reply, answered bool) {
	kind := f.kind(q.op)
	switch kind {
	case kindError:
		return failure(f.Status, "INTERNAL_SERVER_ERROR", "a fault that was asked for"), true
	case kindLate:
		if !s.wait(f.pause()) {
			return reply{}, false
		}
	}
	q.refused = kind == kindRefused
	done, first := s.execute(q, run)
	s.await(first)
	switch kind {
	case kindErrorAfter:
		return failure(f.Status, "INTERNAL_SERVER_ERROR", "a fault that was asked for, after the effect"), true
	case kindLost:
		return reply{}, false
	case kindHang:
		return done, s.wait(f.pause())
	default:
		return done, true
	}
}

// begin finds the answer to a repeated call, or the fault that shall hit a new one.
func (s *Sim) begin(q request) (fault, *reply) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if earlier := s.repeated(q); earlier != nil {
		return fault{}, earlier
	}
	if q.key != "" {
		s.running[q.key] = true
	}
	f, counted := s.state.takeFault(q.op, q.paymentID)
	s.commit(change{Faults: counted})
	return f, nil
}

// repeated is the answer to a call whose key was used before. The caller holds mu.
func (s *Sim) repeated(q request) *reply {
	if q.key == "" {
		return nil
	}
	s.state.forgetAnswers(s.clock.Now().Add(-keyLife))
	refuse := func(status int, kind, message string) *reply {
		f := failure(status, kind, message)
		return &f
	}
	if s.running[q.key] {
		return refuse(http.StatusConflict, portone.TypeOutstandingRequest, "a call with this key is still running")
	}
	a := s.state.answers[q.key]
	switch {
	case a == nil && len(s.state.answers) >= maxKeys:
		return refuse(http.StatusTooManyRequests, "TOO_MANY_REQUESTS", "too many idempotency keys")
	case a == nil:
		return nil
	case a.Hash != q.hash:
		return refuse(http.StatusUnprocessableEntity, portone.TypeInvalidRequest, "the key belongs to another request")
	default:
		return &reply{a.Status, json.RawMessage(a.Body)}
	}
}

func (s *Sim) finish(key string) {
	if key == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.running, key)
}

// execute runs the operation and stores its effect and, under the call's key,
// its answer in one step. Answers of 500 and above are not kept: the key may be
// used again.
func (s *Sim) execute(q request, run operation) (reply, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q.now = s.clock.Now()
	done, c := run(q)
	if q.key != "" && done.status < 500 {
		raw, err := json.Marshal(done.body)
		if err != nil {
			return failure(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "unwritable answer"), nil
		}
		c.Answer = &answer{Key: q.key, Hash: q.hash, Status: done.status, Body: string(raw), At: q.now}
	}
	first := s.hookFirst(c)
	s.commit(c)
	s.cfg.Log.Info("gateway call", "op", q.op, "payment", q.paymentID, "status", done.status)
	return done, first
}

// write answers in JSON, once everything that the answer rests on is on disk.
func (s *Sim) write(w http.ResponseWriter, done reply) {
	if err := s.settle(); err != nil {
		done = failure(http.StatusInternalServerError, "INTERNAL_SERVER_ERROR", "the simulator's store failed")
	}
	raw, err := json.Marshal(done.body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(done.status)
	// An error here means that the caller is gone; the effect stays.
	_, _ = w.Write(raw)
}

// breakOff ends the connection without an answer.
func (s *Sim) breakOff(w http.ResponseWriter) {
	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		conn.Close()
	}
}
