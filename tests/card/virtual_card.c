/* A sound card made of nothing, for machines and tests without one.
 *
 * An ALSA "ioplug": to the program it is a card named in an ALSA configuration file; behind it stands no
 * hardware but a clock. It plays in real time by CLOCK_MONOTONIC_RAW, runs as fast or slow as a bad crystal
 * would, writes every frame it is given to a file, and can be made to fail the way cards fail.
 *
 *     pcm.NAME {
 *         type loavirtual
 *         file "/dir/out"       frames of stream 1, 2, ... (one per opening that played) go to /dir/out.1, ...
 *         log "/dir/log"        one line per happening, appended, see say()
 *         ppm 80.0              parts per million by which the crystal is fast
 *         faulty_streams 1      the faults below befall this many streams, then the card is well
 *         fail_after_ms 0       after so long it is unplugged: -ENODEV, POLLERR|POLLHUP
 *         stall_after_ms 0      after so long it takes no more frames and says nothing
 *         storm_after_ms 0      after so long every call fails with -EIO, as when a sound server died
 *     }
 *
 * Each "start" in the log begins a run. Frame n of a stream's file, in the run that begins with frame "first",
 * is heard at  raw + (n - first) / (rate * (1 + ppm / 1e6)),  raw and first being those of that line.
 */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000LL
#define NS_PER_MS 1000000LL

struct card {
    snd_pcm_ioplug_t io;
    int timer;          /* wakes the program a few times per period */
    char *path;
    FILE *frames;       /* opened when the first frame comes: probing must not count as a stream */
    FILE *log;
    int stream;         /* which one, from 1 */
    double ppm;
    long faulty_streams, fail_after_ms, stall_after_ms, storm_after_ms;
    int64_t start_ns;   /* of the current run */
    int64_t first_start_ns;
    uint64_t written;   /* frames, over all runs of this stream */
    uint64_t run_first; /* the frame of the stream's file with which the current run began */
    bool running;
    bool dead;
};

static int64_t now_ns(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * NS_PER_S + t.tv_nsec;
}

/* "WHAT stream=1 raw=<ns> utc=<ns> first=<frame>": both clocks, so that a test can map one to the other. */
static void say(struct card *card, const char *what, int64_t raw_ns)
{
    if (!card->log)
        return;
    long long utc_ns = now_ns(CLOCK_REALTIME) - (now_ns(CLOCK_MONOTONIC_RAW) - raw_ns);
    fprintf(card->log, "%s stream=%d raw=%lld utc=%lld first=%llu\n", what, card->stream, (long long)raw_ns,
            utc_ns, (unsigned long long)card->run_first);
    fflush(card->log);
}

/* True once a fault set to happen after_ms into the stream has happened. */
static bool befallen(const struct card *card, long after_ms)
{
    return after_ms > 0 && card->first_start_ns > 0 && card->stream <= card->faulty_streams
        && now_ns(CLOCK_MONOTONIC_RAW) - card->first_start_ns > after_ms * NS_PER_MS;
}

static int card_start(snd_pcm_ioplug_t *io)
{
    struct card *card = io->private_data;
    card->start_ns = now_ns(CLOCK_MONOTONIC_RAW);
    if (card->first_start_ns == 0)
        card->first_start_ns = card->start_ns;
    card->running = true;
    card->run_first = card->written - io->appl_ptr;
    say(card, "start", card->start_ns);
    return 0;
}

static int card_stop(snd_pcm_ioplug_t *io)
{
    struct card *card = io->private_data;
    card->running = false;
    say(card, "stop", now_ns(CLOCK_MONOTONIC_RAW));
    return 0;
}

static int card_prepare(snd_pcm_ioplug_t *io)
{
    struct card *card = io->private_data;
    card->running = false;
    int64_t period_ns = (int64_t)io->period_size * NS_PER_S / io->rate;
    int64_t tick_ns = period_ns / 8 > NS_PER_MS / 2 ? period_ns / 8 : NS_PER_MS / 2;
    struct itimerspec tick = {
        .it_interval = { tick_ns / NS_PER_S, tick_ns % NS_PER_S },
        .it_value = { 0, 1 },
    };
    timerfd_settime(card->timer, 0, &tick, NULL);
    return 0;
}

/* Where the card is in its ring: as many frames on as its crystal has counted since the start. */
static snd_pcm_sframes_t card_pointer(snd_pcm_ioplug_t *io)
{
    struct card *card = io->private_data;
    if (befallen(card, card->fail_after_ms)) {
        if (!card->dead)
            say(card, "unplugged", now_ns(CLOCK_MONOTONIC_RAW));
        card->dead = true;
        snd_pcm_ioplug_set_state(io, SND_PCM_STATE_DISCONNECTED);
        return -ENODEV;
    }
    if (befallen(card, card->storm_after_ms))
        return -EIO;
    if (!card->running)
        return io->hw_ptr % io->buffer_size;
    int64_t at_ns = now_ns(CLOCK_MONOTONIC_RAW);
    if (befallen(card, card->stall_after_ms))
        at_ns = card->first_start_ns + card->stall_after_ms * NS_PER_MS;
    double elapsed_s = (double)(at_ns - card->start_ns) / NS_PER_S;
    snd_pcm_uframes_t played = (snd_pcm_uframes_t)(elapsed_s * io->rate * (1 + card->ppm * 1e-6));
    if (played > io->appl_ptr) {
        say(card, "underrun", now_ns(CLOCK_MONOTONIC_RAW));
        return -EPIPE;
    }
    return played % io->buffer_size;
}

static snd_pcm_sframes_t card_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
                                       snd_pcm_uframes_t offset, snd_pcm_uframes_t size)
{
    struct card *card = io->private_data;
    if (card->dead)
        return -ENODEV;
    if (befallen(card, card->storm_after_ms))
        return -EIO;
    if (card->path && !card->frames) {
        char path[4096];
        do
            snprintf(path, sizeof path, "%s.%d", card->path, ++card->stream);
        while (access(path, F_OK) == 0);
        card->frames = fopen(path, "wb");
    }
    const char *from = (const char *)areas->addr + (areas->first + areas->step * offset) / 8;
    size_t frame_bytes = snd_pcm_format_physical_width(io->format) / 8 * io->channels;
    if (card->frames)
        fwrite(from, frame_bytes, size, card->frames);
    card->written += size;
    return size;
}

static int card_revents(snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned count, unsigned short *revents)
{
    struct card *card = io->private_data;
    (void)count;
    if (befallen(card, card->storm_after_ms)) {
        /* The timer is left unread, so that the program is woken again at once. */
        *revents = POLLOUT;
        return 0;
    }
    uint64_t ticks;
    if ((fds[0].revents & POLLIN) && read(card->timer, &ticks, sizeof ticks) < 0 && errno != EAGAIN)
        return -errno;
    if (befallen(card, card->fail_after_ms)) {
        snd_pcm_avail_update(io->pcm);
        *revents = POLLERR | POLLHUP;
        return 0;
    }
    snd_pcm_sframes_t room = snd_pcm_avail_update(io->pcm);
    if (room < 0) {
        *revents = POLLERR | POLLOUT;
        return 0;
    }
    *revents = (snd_pcm_uframes_t)room >= io->period_size ? POLLOUT : 0;
    return 0;
}

static int card_close(snd_pcm_ioplug_t *io)
{
    struct card *card = io->private_data;
    if (card->frames) {
        say(card, "close", now_ns(CLOCK_MONOTONIC_RAW));
        fclose(card->frames);
    }
    if (card->log)
        fclose(card->log);
    close(card->timer);
    free(card->path);
    free(card);
    return 0;
}

static const snd_pcm_ioplug_callback_t deeds = {
    .start = card_start,
    .stop = card_stop,
    .pointer = card_pointer,
    .transfer = card_transfer,
    .close = card_close,
    .prepare = card_prepare,
    .poll_revents = card_revents,
};

static int limit(struct card *card)
{
    static const unsigned accesses[] = { SND_PCM_ACCESS_RW_INTERLEAVED };
    static const unsigned formats[] = { SND_PCM_FORMAT_S16_LE };
    snd_pcm_ioplug_t *io = &card->io;
    int error = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 1, accesses);
    if (error >= 0)
        error = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 1, formats);
    if (error >= 0)
        error = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_CHANNELS, 1, 2);
    if (error >= 0)
        error = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_RATE, 8000, 96000);
    if (error >= 0)
        error = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIOD_BYTES, 256, 65536);
    if (error >= 0)
        error = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_PERIODS, 2, 64);
    if (error >= 0)
        error = snd_pcm_ioplug_set_param_minmax(io, SND_PCM_IOPLUG_HW_BUFFER_BYTES, 512, 262144);
    return error;
}

/* Reads the fields of the configuration into the card. */
static int configure(struct card *card, snd_config_t *conf)
{
    snd_config_iterator_t i, next;
    snd_config_for_each(i, next, conf) {
        snd_config_t *field = snd_config_iterator_entry(i);
        const char *id, *text;
        if (snd_config_get_id(field, &id) < 0 || !strcmp(id, "type") || !strcmp(id, "hint")
            || !strcmp(id, "comment"))
            continue;
        if (!strcmp(id, "file") && snd_config_get_string(field, &text) >= 0)
            card->path = strdup(text);
        else if (!strcmp(id, "log") && snd_config_get_string(field, &text) >= 0)
            card->log = fopen(text, "a");
        else if (!strcmp(id, "ppm") && snd_config_get_ireal(field, &card->ppm) >= 0)
            continue;
        else if (!strcmp(id, "faulty_streams") && snd_config_get_integer(field, &card->faulty_streams) >= 0)
            continue;
        else if (!strcmp(id, "fail_after_ms") && snd_config_get_integer(field, &card->fail_after_ms) >= 0)
            continue;
        else if (!strcmp(id, "stall_after_ms") && snd_config_get_integer(field, &card->stall_after_ms) >= 0)
            continue;
        else if (!strcmp(id, "storm_after_ms") && snd_config_get_integer(field, &card->storm_after_ms) >= 0)
            continue;
        else {
            SNDERR("virtual card: field %s is unknown or of the wrong type", id);
            return -EINVAL;
        }
    }
    return 0;
}

SND_PCM_PLUGIN_DEFINE_FUNC(loavirtual)
{
    (void)root;
    if (stream != SND_PCM_STREAM_PLAYBACK)
        return -EINVAL;
    struct card *card = calloc(1, sizeof *card);
    if (!card)
        return -ENOMEM;
    card->faulty_streams = 1;
    card->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    card->io = (snd_pcm_ioplug_t) {
        .version = SND_PCM_IOPLUG_VERSION,
        .name = "Loa virtual card",
        .callback = &deeds,
        .private_data = card,
        .poll_fd = card->timer,
        .poll_events = POLLIN,
    };
    int error = configure(card, conf);
    if (error >= 0)
        error = snd_pcm_ioplug_create(&card->io, name, stream, mode);
    if (error < 0) {
        card_close(&card->io);
        return error;
    }
    error = limit(card);
    if (error < 0) {
        snd_pcm_ioplug_delete(&card->io); /* calls card_close */
        return error;
    }
    *pcmp = card->io.pcm;
    return 0;
}
SND_PCM_PLUGIN_SYMBOL(loavirtual);
