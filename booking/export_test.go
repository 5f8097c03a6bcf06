package booking

// Queued counts the requests for a flight that wait for a batch of this process, and those that are stuck.
func Queued(s *Service, flight int64) (waiting, stuck int) {
	b := s.batcher
	b.mu.Lock()
	defer b.mu.Unlock()
	if queue := b.queues[flight]; queue != nil {
		return len(queue.waiting), len(queue.stuck)
	}
	return 0, 0
}

// ContentHash is what tells two requests under one key apart.
func ContentHash(req HoldRequest) [32]byte { return contentHash(req) }
