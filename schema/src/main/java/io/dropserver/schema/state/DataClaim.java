package io.dropserver.schema.state;

import io.dropserver.schema.state.DataFolder.Writer;
import java.util.Optional;

/**
 * The request of an appspace for a data folder.
 *
 * @param renamedFrom the appspace whose data is taken over
 * @param writer the app version for which a new folder is created
 */
public record DataClaim(
    String appspace,
    String app,
    String owner,
    Optional<String> renamedFrom,
    Optional<Writer> writer) {}
