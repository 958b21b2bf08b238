package service;

import jakarta.persistence.ElementCollection;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import java.io.Serializable;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;

/** An entity with a lazy collection, as it ends up in caches. */
@Entity
public class Customer implements Serializable {
    private static final long serialVersionUID = 1;

    @Id Long id;
    LocalDateTime since;
    LocalDate birthday;
    @ElementCollection List<String> addresses = new ArrayList<>();
}
