/** The sites that the front door serves, and the people that it lets in. */
@NullMarked
package io.dropserver.schema.site;

import org.jspecify.annotations.NullMarked;
