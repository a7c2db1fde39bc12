/* lookups FAMILY PER_SECOND NAME...: getaddrinfo of the names in turn, so many a second whatever a slow one takes, until SIGTERM.
   A line for each that fails, and at the end one with how many were asked and failed, and the longest in milliseconds. */
#define _POSIX_C_SOURCE 200809L
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

static struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long asked, ended, failed, longest;
static volatile sig_atomic_t over;

static void end(int number)
{
    (void)number;
    over = 1;
}

static void *lookup(void *name)
{
    struct timespec before, after;
    struct addrinfo *found = NULL;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int code = getaddrinfo(name, NULL, &hints, &found);
    clock_gettime(CLOCK_MONOTONIC, &after);
    if (found) freeaddrinfo(found);
    long ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;
    pthread_mutex_lock(&lock);
    ended++;
    if (ms > longest) longest = ms;
    if (code) {
        failed++;
        printf("failed name=%s code=%d ms=%ld\n", (char *)name, code, ms);
        fflush(stdout);
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

static long left(void)
{
    pthread_mutex_lock(&lock);
    long found = asked - ended;
    pthread_mutex_unlock(&lock);
    return found;
}

int main(int argc, char **argv)
{
    long rate = argc > 3 ? atol(argv[2]) : 0;
    if (rate < 1 || rate > 1000) {
        fprintf(stderr, "usage: lookups unspec|inet|inet6 PER_SECOND NAME...\n");
        return 2;
    }
    if (!strcmp(argv[1], "inet")) hints.ai_family = AF_INET;
    if (!strcmp(argv[1], "inet6")) hints.ai_family = AF_INET6;
    struct sigaction action = {.sa_handler = end};
    sigaction(SIGTERM, &action, NULL);

    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, 256 << 10);
    struct timespec next;
    clock_gettime(CLOCK_MONOTONIC, &next);
    while (!over) {
        pthread_t thread;
        pthread_mutex_lock(&lock);
        char *name = argv[3 + asked++ % (argc - 3)];
        pthread_mutex_unlock(&lock);
        if (pthread_create(&thread, &attributes, lookup, name)) return 3;
        next.tv_nsec += 1000000000 / rate;
        next.tv_sec += next.tv_nsec / 1000000000;
        next.tv_nsec %= 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
    }
    for (int tenths = 0; tenths < 300 && left(); tenths++) nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    printf("asked=%ld failed=%ld longest=%ld\n", asked, failed + left(), longest);
    return 0;
}
