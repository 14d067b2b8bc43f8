-- The texts that each version of a bot was made from: a conversation in a flow stays with the version it began with.
create table version (
    bot text not null,
    version text not null,
    files text not null,                    -- JSON: name of the file → its text
    primary key (bot, version)
);
