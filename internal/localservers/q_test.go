package localservers
import ("testing";"os";"time";"path/filepath";"fmt";amqp "github.com/rabbitmq/amqp091-go")
func TestQ(t *testing.T){
	home:=os.Getenv("QHOME")
	s:=mustStart(t, Options{Home:home,DBDSN:given,RedisURL:given})
	ch:=dialAMQP(t,s)
	if os.Getenv("QNEW")!="" {
		s2:=*s; _ = s2
		storeQ(t,s)
	}
	if os.Getenv("QKILL")!="" { checkError(t,s.Kill(t.Context(),RabbitMQ)) } else { checkError(t,s.StopServer(t.Context(),RabbitMQ)) }
	_=ch
	checkError(t,s.StartServer(t.Context(),RabbitMQ))
	t0:=time.Now()
	m,ok,err:=dialAMQP(t,s).Get("kept",false)
	fmt.Println(ok,err,string(m.Body),time.Since(t0), filepath.Base(home))
}

func storeQ(t *testing.T, s *Servers) {
	channel := dialAMQP(t, s)
	_, err := channel.QueueDeclare("kept", true, false, false, false, amqp.Table{"x-queue-type": "quorum"})
	checkError(t, err)
	checkError(t, channel.Confirm(false))
	message := amqp.Publishing{DeliveryMode: amqp.Persistent, Body: []byte("kept")}
	confirm, err := channel.PublishWithDeferredConfirm("", "kept", true, false, message)
	checkError(t, err)
	if !confirm.Wait() {
		t.Fatal("the message was not confirmed")
	}
}
