package localservers
import ("testing";"os";"context";"time";"fmt")
func TestTry(t *testing.T){
	t0:=time.Now()
	s,err:=Start(context.Background(),Options{Home:os.Getenv("TRY"),Progress:os.Stdout})
	if err!=nil{t.Fatal(err)}
	fmt.Println("total",time.Since(t0),s)
	if os.Getenv("TRYWAIT")!="" { time.Sleep(20*time.Second) }
	t0=time.Now()
	fmt.Println(s.Stop(), s.Stop(),time.Since(t0))
}
