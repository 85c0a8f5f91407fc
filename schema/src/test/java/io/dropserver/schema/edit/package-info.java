/** Tests of the edits of YAML files. */
@NullMarked
package io.dropserver.schema.edit;

import org.jspecify.annotations.NullMarked;
