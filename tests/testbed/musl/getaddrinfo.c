/* getaddrinfo NAME [unspec|inet|inet6]: one line with the code, text, milliseconds and addresses musl gives. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: getaddrinfo NAME [unspec|inet|inet6]\n");
        return 2;
    }
    /* SOCK_STREAM, or every address comes once per socket type. No AI_ADDRCONFIG: nginx and most programs set none. */
    struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM}, *found = NULL;
    if (argc > 2 && !strcmp(argv[2], "inet")) hints.ai_family = AF_INET;
    if (argc > 2 && !strcmp(argv[2], "inet6")) hints.ai_family = AF_INET6;

    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    int code = getaddrinfo(argv[1], NULL, &hints, &found);
    clock_gettime(CLOCK_MONOTONIC, &after);
    long ms = (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000;

    printf("code=%d text=\"%s\" ms=%ld addresses=", code, code ? gai_strerror(code) : "", ms);
    for (struct addrinfo *at = found; at; at = at->ai_next) {
        char text[INET6_ADDRSTRLEN];
        const void *address = at->ai_family == AF_INET6
            ? (const void *)&((struct sockaddr_in6 *)at->ai_addr)->sin6_addr
            : (const void *)&((struct sockaddr_in *)at->ai_addr)->sin_addr;
        printf("%s%s", at == found ? "" : ",", inet_ntop(at->ai_family, address, text, sizeof text));
    }
    printf("\n");
    return code ? 1 : 0;
}
