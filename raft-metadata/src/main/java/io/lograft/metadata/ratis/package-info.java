/**
 * The metadata quorum: the only package that knows Apache Ratis and RocksDB. {@link
 * io.lograft.metadata.ratis.MetadataQuorum} is the entry; a broker that votes starts one. Commands go in as values of
 * {@code metadata.command}, are ordered by the Raft log, decided by {@code metadata.control} on every voter alike, and
 * come out as an immutable {@code ClusterImage} and as the records that led to it.
 *
 * <p>Files below {@code metadata.dir}: {@code meta.properties} (who this voter is, and the voters that the quorum was
 * formed of), {@code raft/<group>/} (Ratis' log, and in {@code sm/} the checkpoints), {@code store/} (the live RocksDB,
 * outside of {@code sm/}, which an installed snapshot replaces as a whole).
 *
 * <p>Threads are Ratis' own, one that submits and one for timers and leadership. Listeners are called on them and must
 * not block.
 */
package io.lograft.metadata.ratis;
