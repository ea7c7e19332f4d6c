vcl 4.1;

# Varnish in front of rekproxy. Needs the module xkey (Debian: varnish-modules), and the same secret on both
# sides: REKPROXY_EDGE=varnish, REKPROXY_VARNISH_URLS, REKPROXY_VARNISH_SECRET there, and the variable
# REKPROXY_VARNISH_SECRET in varnishd's own environment here. Without one, nobody can purge.
# Change the address of the backend, and add rekproxy's addresses to the list of purgers.

import std;
import xkey;

backend rekproxy {
    .host = "127.0.0.1";
    .port = "8080";
    .connect_timeout = 3s;
    .first_byte_timeout = 75s;      # an upload may wait for its verdict
    .between_bytes_timeout = 30s;
}

acl purgers {
    "127.0.0.1";
    "::1";
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers
            || std.getenv("REKPROXY_VARNISH_SECRET") !~ "^.{8}"
            || req.http.X-Rekproxy-Secret != std.getenv("REKPROXY_VARNISH_SECRET")) {
            return (synth(403, "Forbidden"));
        }
        # gone at once: a soft purge would keep them for grace
        set req.http.X-Rekproxy-Gone = xkey.purge(req.http.X-Rekproxy-Keys);
        return (synth(200, "purged"));
    }
    unset req.http.X-Rekproxy-Gone;

    # the API, the console and what watches the server are none of a cache's business
    if ((req.method != "GET" && req.method != "HEAD") || req.url ~ "^/(v1_1|console|healthz|readyz|metrics)([/?]|$)") {
        return (pass);
    }
    # what a token opens is for one client alone
    if (req.url ~ "[?&]__cld_token__=" || req.http.Cookie ~ "(^|; *)__cld_token__=") {
        return (pass);
    }
    set req.url = regsub(req.url, "\?.*$", "");
    unset req.http.Cookie;
    unset req.http.Authorization;
    call one_accept;
    return (hash);
}

# `Vary: Accept` makes a copy for each spelling: rekproxy tells only these three apart.
sub one_accept {
    if (req.http.Accept ~ "(?i)image/avif" && req.http.Accept !~ "(?i)image/avif *; *q=0(\.0*)? *(,|$)") {
        set req.http.Accept = "image/avif";
    } elsif (req.http.Accept ~ "(?i)image/webp" && req.http.Accept !~ "(?i)image/webp *; *q=0(\.0*)? *(,|$)") {
        set req.http.Accept = "image/webp";
    } else {
        unset req.http.Accept;
    }
}

sub vcl_backend_response {
    # never stale, and nothing kept to be asked about
    set beresp.grace = 0s;
    set beresp.keep = 0s;
    if (bereq.uncacheable || (beresp.status != 200 && beresp.status != 404)) {
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    # rekproxy gives an edge that it purges a life of its own
    if (beresp.http.Surrogate-Control ~ "max-age=[0-9]+") {
        set beresp.ttl = std.duration(regsub(beresp.http.Surrogate-Control, "^.*max-age=([0-9]+).*$", "\1s"), 0s);
    } elsif (beresp.http.Cache-Control ~ "(?i)no-store|no-cache|private" || beresp.http.Cache-Control !~ "max-age=") {
        set beresp.ttl = 0s;
    }
    if (beresp.ttl <= 0s || beresp.http.Set-Cookie) {
        # so that requests for it do not wait for each other
        set beresp.ttl = 2s;
        set beresp.uncacheable = true;
        return (deliver);
    }
    set beresp.http.xkey = beresp.http.Surrogate-Key;
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.xkey;
    # it was meant for this cache, and another one behind it is not purged
    unset resp.http.Surrogate-Control;
    unset resp.http.X-Varnish;
    unset resp.http.Via;
}

sub vcl_synth {
    if (resp.status == 200 && resp.reason == "purged") {
        set resp.http.Content-Type = "text/plain";
        synthetic("purged " + req.http.X-Rekproxy-Gone);
        return (deliver);
    }
}

sub vcl_backend_error {
    set beresp.http.Cache-Control = "no-store";
    set beresp.http.Retry-After = "5";
    set beresp.ttl = 0s;
    set beresp.grace = 0s;
}
