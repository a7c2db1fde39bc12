/* pause: the first process of a pod; waits for SIGTERM, which the kernel ignores for pid 1 unless it is handled. */
#include <signal.h>
#include <unistd.h>

static void leave(int signal)
{
    (void)signal;
    _exit(0);
}

int main(void)
{
    signal(SIGTERM, leave);
    signal(SIGINT, leave);
    signal(SIGCHLD, SIG_IGN);
    for (;;) pause();
}
