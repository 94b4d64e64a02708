"""The commonest words of schemas in other languages, without accents. Only training uses them."""

from typing import Final


def _pairs(text: str) -> dict[str, str]:
    words = text.split()
    return dict(zip(words[::2], words[1::2], strict=True))


LANGUAGES: Final = tuple(
    _pairs(text)
    for text in (
        # Spanish
        (
            "user usuario customer cliente client cliente order pedido product producto category categoria item "
            "articulo invoice factura payment pago address direccion city ciudad country pais employee empleado "
            "department departamento company empresa supplier proveedor student alumno teacher profesor course "
            "curso class clase group grupo role rol school escuela author autor book libro store tienda warehouse "
            "almacen message mensaje comment comentario file archivo image imagen account cuenta language idioma "
            "price precio status estado person persona project proyecto task tarea event evento parent padre "
            "owner propietario type tipo team equipo player jugador game juego"
        ),
        # Portuguese
        (
            "user usuario customer cliente client cliente order pedido product produto category categoria item "
            "item invoice fatura payment pagamento address endereco city cidade country pais employee funcionario "
            "department departamento company empresa supplier fornecedor student aluno teacher professor course "
            "curso class turma group grupo role perfil school escola author autor book livro store loja warehouse "
            "deposito message mensagem comment comentario file arquivo image imagem account conta language idioma "
            "price preco status situacao person pessoa project projeto task tarefa event evento parent pai owner "
            "dono type tipo team equipe player jogador game jogo"
        ),
        # French
        (
            "user utilisateur customer client client client order commande product produit category categorie "
            "item article invoice facture payment paiement address adresse city ville country pays employee "
            "employe department departement company entreprise supplier fournisseur student etudiant teacher "
            "enseignant course cours class classe group groupe role role school ecole author auteur book livre "
            "store magasin warehouse entrepot message message comment commentaire file fichier image image "
            "account compte language langue price prix status statut person personne project projet task tache "
            "event evenement parent parent owner proprietaire type type team equipe player joueur game jeu"
        ),
        # German
        (
            "user benutzer customer kunde client mandant order bestellung product produkt category kategorie item "
            "artikel invoice rechnung payment zahlung address adresse city stadt country land employee "
            "mitarbeiter department abteilung company firma supplier lieferant student student teacher lehrer "
            "course kurs class klasse group gruppe role rolle school schule author autor book buch store filiale "
            "warehouse lager message nachricht comment kommentar file datei image bild account konto language "
            "sprache price preis status status person person project projekt task aufgabe event ereignis parent "
            "eltern owner besitzer type typ team mannschaft player spieler game spiel"
        ),
        # Italian
        (
            "user utente customer cliente client cliente order ordine product prodotto category categoria item "
            "articolo invoice fattura payment pagamento address indirizzo city citta country paese employee "
            "dipendente department reparto company azienda supplier fornitore student studente teacher docente "
            "course corso class classe group gruppo role ruolo school scuola author autore book libro store "
            "negozio warehouse magazzino message messaggio comment commento file documento image immagine account "
            "conto language lingua price prezzo status stato person persona project progetto task compito event "
            "evento parent padre owner proprietario type tipo team squadra player giocatore game partita"
        ),
        # Dutch
        (
            "user gebruiker customer klant client klant order bestelling product product category categorie item "
            "artikel invoice factuur payment betaling address adres city stad country land employee medewerker "
            "department afdeling company bedrijf supplier leverancier student student teacher docent course "
            "cursus class klas group groep role rol school school author auteur book boek store winkel warehouse "
            "magazijn message bericht comment reactie file bestand image afbeelding account rekening language "
            "taal price prijs status status person persoon project project task taak event evenement parent ouder "
            "owner eigenaar type soort team ploeg player speler game spel"
        ),
        # Indonesian
        (
            "user pengguna customer pelanggan client klien order pesanan product produk category kategori item "
            "barang invoice faktur payment pembayaran address alamat city kota country negara employee pegawai "
            "department departemen company perusahaan supplier pemasok student siswa teacher guru course kursus "
            "class kelas group grup role peran school sekolah author penulis book buku store toko warehouse "
            "gudang message pesan comment komentar file berkas image gambar account akun language bahasa price "
            "harga status status person orang project proyek task tugas event acara parent induk owner pemilik "
            "type jenis team tim player pemain game permainan"
        ),
    )
)
"""English to each of: Spanish, Portuguese, French, German, Italian, Dutch, Indonesian."""
