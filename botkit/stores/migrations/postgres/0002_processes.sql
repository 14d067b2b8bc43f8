-- The processes that answer and send, each as long as it renews its leases: the throughput of a channel is theirs together.
create table process (
    id text primary key,
    seen_at timestamptz not null default now()
);
